/** The browser's formats, made once each: making one takes longer than using it a thousand times. */

const MADE = new Map<string, unknown>();

export function format<T, O extends object>(Kind: new (language: string, how: O) => T, language: string, how: O): T {
  const name = `${Kind.name} ${language} ${JSON.stringify(how)}`;
  let made = MADE.get(name) as T | undefined;
  if (!made) MADE.set(name, (made = new Kind(language, how)));
  return made;
}
