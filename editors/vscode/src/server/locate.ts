import { homedir } from 'node:os';
import { delimiter, dirname, isAbsolute, join } from 'node:path';

const SERVER = process.platform === 'win32' ? 'ambit-lsp.exe' : 'ambit-lsp';
const PROGRAM = process.platform === 'win32' ? 'ambit.exe' : 'ambit';

/** What a search for the language server looks at. */
export interface Surroundings {
  /** The setting that names it; empty when it is to be searched. */
  configured: string;
  /** The variable `PATH`. */
  path: string;
  home: string;
  /** Where a program really is, links followed; null when nothing that can be run is there. */
  resolve: (path: string) => Promise<string | null>;
}

/** Where the language server is; null when it is nowhere. What a setting names counts alone. */
export async function locateServer({ configured, path, home, resolve }: Surroundings): Promise<string | null> {
  if (configured !== '') {
    const named = configured.replace(/^~(?=[/\\])/, home);
    // A relative path would be another program in each folder that one opens.
    return isAbsolute(named) && (await resolve(named)) !== null ? named : null;
  }
  // An editor that the desktop started may not have what the shell adds to PATH, and `make install` puts programs there.
  const folders = [...path.split(delimiter).filter(isAbsolute), join(home, '.local/bin')];
  for (const folder of folders) {
    if ((await resolve(join(folder, SERVER))) !== null) return join(folder, SERVER);
  }
  // Only a link to `ambit` may be on PATH, and its neighbour where it leads to.
  for (const folder of folders) {
    const program = await resolve(join(folder, PROGRAM));
    const beside = program === null ? null : join(dirname(program), SERVER);
    if (beside !== null && (await resolve(beside)) !== null) return beside;
  }
  return null;
}

/** The home folder of whoever runs the editor. */
export function home(): string {
  return process.env['HOME'] ?? homedir();
}
