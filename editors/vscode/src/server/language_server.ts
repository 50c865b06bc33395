import { EventEmitter, env, version, type Disposable, type Event, type LogOutputChannel } from 'vscode';
import {
  CloseAction,
  ErrorAction,
  LanguageClient,
  TransportKind,
  type LanguageClientOptions,
  type Middleware,
} from 'vscode-languageclient/node';
import { Patience } from './patience';

/** How the language server is. `missing`: there is none; `waiting`: it ended and is started again in a moment. */
export type ServerState = 'missing' | 'starting' | 'running' | 'waiting' | 'failed' | 'stopped';

/** What is known of the language server by those who use it. */
export interface ServerOptions {
  /** Where it is; null when it is nowhere. */
  locate: () => Promise<string | null>;
  log: LogOutputChannel;
  middleware: Middleware;
  /** Makes a client ready before it is started. */
  prepare: (client: LanguageClient) => void;
}

/** The process `ambit-lsp` and the client that speaks to it: one after the other, when it ends. */
export class LanguageServer implements Disposable {
  private readonly changes = new EventEmitter<ServerState>();
  private readonly patience = new Patience();
  private current: LanguageClient | null = null;
  private waiting: NodeJS.Timeout | null = null;
  private known: ServerState = 'stopped';

  constructor(private readonly options: ServerOptions) {}

  get onDidChange(): Event<ServerState> {
    return this.changes.event;
  }

  get state(): ServerState {
    return this.known;
  }

  /** The client; null while the server does not run. */
  get client(): LanguageClient | null {
    return this.known === 'running' ? this.current : null;
  }

  async start(): Promise<void> {
    this.become('starting');
    const command = await this.options.locate();
    if (command === null) return this.become('missing');
    this.options.log.info(`Starting ${command}`);
    const client = new LanguageClient(
      'ambit',
      'Ambit',
      { command, transport: TransportKind.stdio },
      this.clientOptions(),
    );
    this.current = client;
    this.patience.started(Date.now());
    this.options.prepare(client);
    try {
      await client.start();
    } catch (failure) {
      this.options.log.error(`ambit-lsp did not start: ${String(failure)}`);
      return this.ended(client);
    }
    // It may have ended in between, and another one is on its way.
    if (this.current === client) this.become('running');
  }

  async restart(): Promise<void> {
    this.patience.reset();
    await this.stop();
    await this.start();
  }

  async stop(): Promise<void> {
    if (this.waiting) clearTimeout(this.waiting);
    this.waiting = null;
    const client = this.current;
    this.current = null;
    this.become('stopped');
    if (client?.isRunning()) await client.stop().catch((failure: unknown) => this.options.log.warn(String(failure)));
  }

  dispose(): void {
    void this.stop();
    this.changes.dispose();
  }

  private clientOptions(): LanguageClientOptions {
    const { log, middleware } = this.options;
    return {
      documentSelector: [{ scheme: 'file' }, { scheme: 'untitled' }],
      synchronize: { configurationSection: 'ambit' },
      initializationOptions: { editorInfo: { name: env.appName, version } },
      outputChannel: log,
      middleware,
      errorHandler: {
        error: () => ({ action: ErrorAction.Continue }),
        closed: () => {
          const client = this.current;
          if (client) this.ended(client);
          return { action: CloseAction.DoNotRestart, handled: true };
        },
      },
      // What went wrong is in the log, and the status tells of it; a message for each attempt would be one too many.
      initializationFailedHandler: () => false,
    };
  }

  /** Starts the server anew in a while, unless that was of no use too often. */
  private ended(client: LanguageClient): void {
    if (this.current !== client) return;
    this.current = null;
    const wait = this.patience.wait(Date.now());
    if (wait === null) return this.become('failed');
    this.options.log.warn(`ambit-lsp ended; it is started again in ${wait / 1000} s`);
    this.become('waiting');
    this.waiting = setTimeout(() => void this.start(), wait);
  }

  private become(state: ServerState): void {
    if (this.known === state) return;
    this.known = state;
    this.changes.fire(state);
  }
}
