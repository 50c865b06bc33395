// VS Code as code-server, with the extension installed from its package, as a person would.
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const FOLDER = process.env['AMBIT_CODE_SERVER'] ?? join(homedir(), '.cache/ambit/code-server');
const NODE = join(FOLDER, 'node');
const ENTRY = join(FOLDER, 'lib/node_modules/code-server/out/node/entry.js');
const PACKAGE = join(import.meta.dirname, '../../../../dist/ambit-0.1.0.vsix');

/** Whether code-server is installed. */
export const isInstalled = existsSync(NODE) && existsSync(ENTRY);

interface Options {
  /** The variables of the editor and all that it starts, `HOME` among them. */
  environment: NodeJS.ProcessEnv & { HOME: string };
  /** Of the user. */
  settings: Record<string, unknown>;
}

export class CodeServer {
  private output = '';

  private constructor(
    private readonly process: ChildProcess,
    private readonly port: number,
    private readonly data: string,
  ) {}

  static async start({ environment, settings }: Options): Promise<CodeServer> {
    const data = join(environment.HOME, 'code');
    for (const name of ['User', 'Machine']) await mkdir(join(data, name), { recursive: true });
    await writeFile(join(data, 'User/settings.json'), JSON.stringify({ ...QUIET, ...settings }));
    const folders = ['--user-data-dir', data, '--extensions-dir', join(environment.HOME, 'extensions')];
    await promisify(execFile)(NODE, [ENTRY, ...folders, '--install-extension', PACKAGE], { env: environment });
    const port = await freePort();
    const flags = ['--bind-addr', `127.0.0.1:${port}`, '--auth', 'none', '--disable-workspace-trust', ...SILENT];
    // It starts others, which end with its group.
    const child = spawn(NODE, [ENTRY, ...folders, ...flags], { env: environment, detached: true });
    const server = new CodeServer(child, port, data);
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (data: Buffer) => (server.output += data));
    await server.answers();
    return server;
  }

  /** The address at which a folder is opened. */
  address(folder: string): string {
    return `http://127.0.0.1:${this.port}/?folder=${encodeURIComponent(folder)}`;
  }

  /** Sets what can be set for this machine alone, and nothing else. */
  async setOfMachine(settings: Record<string, unknown>): Promise<void> {
    await writeFile(join(this.data, 'Machine/settings.json'), JSON.stringify(settings));
  }

  async stop(): Promise<void> {
    const { pid } = this.process;
    if (pid === undefined || this.process.exitCode !== null) return;
    const ended = new Promise((resolve) => this.process.once('exit', resolve));
    process.kill(-pid, 'SIGTERM');
    await ended;
  }

  private async answers(): Promise<void> {
    for (let attempt = 0; attempt < 150; attempt += 1) {
      if (this.process.exitCode !== null) throw new Error(`code-server ended: ${this.output}`);
      const isThere = await fetch(`http://127.0.0.1:${this.port}/healthz`).then(
        ({ ok }) => ok,
        () => false,
      );
      if (isThere) return;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    throw new Error(`code-server does not answer: ${this.output}`);
  }
}

const SILENT = ['--disable-telemetry', '--disable-update-check', '--disable-getting-started-override'];

/** What would stand in the way of a test, or in a picture. */
const QUIET = {
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'extensions.autoCheckUpdates': false,
  'extensions.ignoreRecommendations': true,
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'editor.minimap.enabled': false,
  'editor.parameterHints.enabled': false,
  'editor.quickSuggestions': { other: 'off', comments: 'off', strings: 'off' },
  'editor.wordBasedSuggestions': 'off',
  'files.simpleDialog.enable': true,
  'git.enabled': false,
  'window.commandCenter': false,
};

/** A port that nothing listens on at the moment. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        address && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
}
