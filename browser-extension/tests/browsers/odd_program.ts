import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const NAME = 'app.ambit.native_host';
const ORIGIN = 'chrome-extension://cldnlbhgalpipoimihcfoojmahcomjok/';

/** What a program does that is not the one that the extension should meet. */
export type Oddity = 'is old' | 'says nothing' | 'ends at once' | 'says what is no message';

/** Has a browser start a program of that kind for the extension, in the place of the real one. */
export async function installOdd(profile: string, oddity: Oddity): Promise<void> {
  const folder = join(profile, 'NativeMessagingHosts');
  const program = join(profile, 'odd-program');
  await mkdir(folder, { recursive: true });
  await writeFile(program, `#!${process.execPath}\n${PROGRAM}\nrun(${JSON.stringify(oddity)});\n`);
  await chmod(program, 0o755);
  const manifest = { name: NAME, description: oddity, path: program, type: 'stdio', allowed_origins: [ORIGIN] };
  await writeFile(join(folder, `${NAME}.json`), JSON.stringify(manifest));
}

/** It runs without this project, as browsers start it. */
const PROGRAM = `
function say(message) {
  const text = Buffer.from(JSON.stringify(message));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(text.length);
  process.stdout.write(Buffer.concat([length, text]));
}
function run(oddity) {
  if (oddity === 'ends at once') process.exit(1);
  process.stdin.once('data', () => {
    if (oddity === 'is old') say({ hello: { protocol: 0, version: '0.0.1' } });
    if (oddity === 'says what is no message') say({ part: { text: '{"id', isLast: true } });
  });
  process.stdin.on('end', () => process.exit(0));
  process.stdin.resume();
}`;
