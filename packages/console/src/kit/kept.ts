/** What somebody left in a form is there again when they come back; nothing of it is lost by a reload. */

export function keep(key: string, wanted: object | null): void {
  if (wanted) localStorage.setItem(key, JSON.stringify(wanted));
  else localStorage.removeItem(key);
}

export function kept<T>(key: string): Partial<T> | null {
  try {
    return JSON.parse(localStorage.getItem(key) ?? "null") as Partial<T> | null;
  } catch {
    return null; // of an older console
  }
}
