// A real host in a scratch home, as a person's machine has it.
import { spawn, execFile, type ChildProcess } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { FILES } from './files';

const BINARY = process.env['AMBIT_BINARY'];
const MODEL = process.env['AMBIT_TEST_MODEL'] ?? join(homedir(), '.cache/ambit/models/all-MiniLM-L6-v2');

export class AmbitHost {
  private process: ChildProcess | null = null;
  private output = '';

  private constructor(
    readonly home: string,
    readonly port: number,
    private readonly models: string,
  ) {}

  /** An installation with sample files, not started. `models` is a folder of models; by default that of the tests' encoder. */
  static async create(models = dirname(MODEL)): Promise<AmbitHost> {
    const home = await mkdtemp(join(tmpdir(), 'ada-'));
    for (const [name, content] of Object.entries(FILES)) {
      const path = join(home, 'Documents', name);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, content);
    }
    return new AmbitHost(home, await freePort(), models);
  }

  /** Where the host serves its page and its API. */
  get address(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** A link that opens the page, once. */
  async link(): Promise<string> {
    return (await this.run('open', '--print')).trim();
  }

  get documents(): string {
    return join(this.home, 'Documents');
  }

  async start(): Promise<void> {
    const child = spawn(binary(), ['serve', '--listen', `127.0.0.1:${this.port}`, '--idle-minutes', '0'], {
      env: this.environment(),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.process = child;
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (data: Buffer) => (this.output += data));
    for (let attempt = 0; attempt < 300; attempt += 1) {
      if (child.exitCode !== null) throw new Error(`the host ended: ${this.output}`);
      const answers = await fetch(`${this.address}/v1/health`).then(
        (response) => response.ok,
        () => false,
      );
      if (answers) return;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    throw new Error(`the host does not answer: ${this.output}`);
  }

  /** Ends the host as a crash would, or in order. */
  async stop(signal: 'SIGKILL' | 'SIGTERM' = 'SIGTERM'): Promise<void> {
    const child = this.process;
    this.process = null;
    if (!child || child.exitCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await ended;
  }

  async remove(): Promise<void> {
    await this.stop();
    await rm(this.home, { recursive: true, force: true });
  }

  /** Runs a command of the same binary, and gives what it printed. */
  async run(...commands: string[]): Promise<string> {
    const { stdout } = await promisify(execFile)(binary(), commands, { env: this.environment() });
    return stdout;
  }

  /** The variables by which programs find this installation. */
  environment(): NodeJS.ProcessEnv & { HOME: string } {
    return {
      PATH: process.env['PATH'],
      HOME: this.home,
      AMBIT_DATA_DIRECTORY: join(this.home, 'data'),
      AMBIT_MODELS_FOLDER: this.models,
      AMBIT_INFERENCE_DEVICE: 'cpu',
      AMBIT_INDEX_ON_BATTERY: 'work',
    };
  }

  /** Writes a file below the home folder. */
  async write(name: string, content: string): Promise<void> {
    const path = join(this.home, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
  }

  /** What a route answers. */
  async get(path: string, token: string): Promise<string> {
    const response = await fetch(this.address + path, { headers: { Authorization: `Bearer ${token}` } });
    return response.text();
  }

  async token(...scopes: string[]): Promise<string> {
    const named = scopes.flatMap((scope) => ['--scope', scope]);
    return (JSON.parse(await this.run('--json', 'token', 'create', 'page', ...named)) as { token: string }).token;
  }
}

function binary(): string {
  if (!BINARY) throw new Error('AMBIT_BINARY must name the `ambit` to test against');
  return BINARY;
}

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
