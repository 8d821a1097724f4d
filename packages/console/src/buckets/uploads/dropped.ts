/** The files of what was dropped or chosen, folders with all that is in them. */

export interface Found {
  /** With the folders that it lay in. */
  path: string;
  file: File;
}

/** Of a field of the kind `file`, also one that takes folders. */
export function chosen(list: FileList | null): Found[] {
  return [...(list ?? [])].map((file) => ({ path: file.webkitRelativePath || file.name, file }));
}

/** The entries have to be asked for before anything is awaited: the browser forgets them. */
export async function dropped(data: DataTransfer): Promise<Found[]> {
  const entries = [...data.items].map((item) => item.webkitGetAsEntry());
  const found: Found[] = [];
  for (const entry of entries) if (entry) await walk(entry, found);
  return found.length > 0 ? found : chosen(data.files);
}

async function walk(entry: FileSystemEntry, found: Found[]): Promise<void> {
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
    found.push({ path: entry.fullPath.replace(/^\//, ""), file });
    return;
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  for (;;) {
    // A hundred at a time, until none is left.
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) return;
    for (const one of some) await walk(one, found);
  }
}
