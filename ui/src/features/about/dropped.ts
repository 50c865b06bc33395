/** Files to be handed over. */
export interface Found {
  files: File[];
  /** How many there are besides. */
  leftOut: number;
  /** Whether there are even more, which nobody counted. */
  isMore: boolean;
}

/** So many are counted that are left out; who drops a whole disk need not wait for all of it. */
const MOST_COUNTED = 1000;

/** What was dropped. */
export interface Dropped {
  /** Files of which the browser tells no place, as programs hand them over. */
  files: File[];
  /** Files and folders. */
  entries: FileSystemEntry[];
}

/**
 * The files in what was dropped, those of folders as well, at most `most`; the nearest first. Below a folder, what is hidden
 * is passed over.
 */
export async function filesIn({ files, entries }: Dropped, most: number): Promise<Found> {
  const found: Found = { files: files.slice(0, most), leftOut: Math.max(0, files.length - most), isMore: false };
  const waiting = [...entries];
  for (let entry = waiting.shift(); entry !== undefined; entry = waiting.shift()) {
    if (isFile(entry)) {
      if (found.files.length < most) found.files.push(await fileOf(entry));
      else found.leftOut += 1;
    } else if (isFolder(entry)) {
      waiting.push(...(await childrenOf(entry)).filter(({ name }) => !isHidden(name)));
    }
    if (found.leftOut >= MOST_COUNTED) return { ...found, isMore: true };
  }
  return found;
}

/** The same of a folder that was chosen, whose files the browser has listed. */
export function filesOf(chosen: File[], most: number): Found {
  const shown = chosen.filter(({ webkitRelativePath }) => !webkitRelativePath.split('/').slice(1).some(isHidden));
  return { files: shown.slice(0, most), leftOut: Math.max(0, shown.length - most), isMore: false };
}

/** What a drop holds. To be called while its event is handled: afterwards the browser gives nothing more. */
export function droppedIn(transfer: DataTransfer): Dropped {
  const dropped: Dropped = { files: [], entries: [] };
  for (const item of transfer.items) {
    const entry = item.webkitGetAsEntry();
    const file = entry ? null : item.getAsFile();
    if (entry) dropped.entries.push(entry);
    if (file) dropped.files.push(file);
  }
  return dropped;
}

/** The files that were pasted; none where a text is meant, of which programs give a picture as well. */
export function pasted(transfer: DataTransfer | null): File[] {
  if (!transfer) return [];
  const isText = transfer.types.includes('text/plain') && transfer.types.includes('text/html');
  return isText ? [] : [...transfer.files];
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile;
}

function isFolder(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory;
}

function isHidden(name: string): boolean {
  return name.startsWith('.');
}

/** A file that cannot be read stands as one that is empty, so that its chip says so. */
function fileOf(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((resolve) => entry.file(resolve, () => resolve(new File([], entry.name))));
}

async function childrenOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const children: FileSystemEntry[] = [];
  // The browser gives some at a time, and none at the end.
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve) => reader.readEntries(resolve, () => resolve([])));
    if (some.length === 0) return children.sort((one, other) => one.name.localeCompare(other.name));
    children.push(...some);
  }
}
