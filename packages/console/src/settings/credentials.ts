/** The file by which ModelArts hands out a key; its tools and examples read it. */

export function credentials(user: string, key: { access: string; secret?: string | null }): string {
  return `User Name,Access Key Id,Secret Access Key\n${quoted(user)},${key.access},${key.secret ?? ""}\n`;
}

function quoted(text: string): string {
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
