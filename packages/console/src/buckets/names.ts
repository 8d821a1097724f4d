/** What a bucket may be called, as the store has it: told while one types. */

export type NameProblem = "short" | "long" | "signs" | "ends" | "dots" | "address";

export function nameProblem(name: string): NameProblem | null {
  if (/[^a-z0-9.-]/.test(name)) return "signs";
  if (name.length < 3) return "short";
  if (name.length > 63) return "long";
  if (!/^[a-z0-9].*[a-z0-9]$/.test(name)) return "ends";
  if (/\.\.|\.-|-\./.test(name)) return "dots";
  if (/^\d+(\.\d+){3}$/.test(name)) return "address";
  return null;
}
