/** What somebody left in a form is there again when they come back; nothing of it is lost by a reload. */

const PREFIX = "maquette-new-";

export function keep(name: string, wanted: object | null): void {
  if (wanted) localStorage.setItem(PREFIX + name, JSON.stringify(wanted));
  else localStorage.removeItem(PREFIX + name);
}

export function kept<T>(name: string): Partial<T> | null {
  try {
    return JSON.parse(localStorage.getItem(PREFIX + name) ?? "null") as Partial<T> | null;
  } catch {
    return null; // of an older console
  }
}

/** Whoever signs in next in this browser shall not see it: variables may hold secrets. */
export function forgetAll(): void {
  for (const key of Object.keys(localStorage)) if (key.startsWith(PREFIX)) localStorage.removeItem(key);
}
