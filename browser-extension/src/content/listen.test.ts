import { beforeEach, describe, expect, it, vi } from 'vitest';
import { listenOver } from './listen';

const PANEL = 'chrome-extension://abc/panel.html';

/** A port with what was sent over it. */
class Port {
  readonly sent: unknown[] = [];
  private readonly hearing: ((message: unknown) => void)[] = [];
  private readonly closing: (() => void)[] = [];
  readonly onMessage = { addListener: (hear: (message: unknown) => void) => void this.hearing.push(hear) };
  readonly onDisconnect = { addListener: (close: () => void) => void this.closing.push(close) };

  constructor(
    readonly name: string,
    readonly sender: { id: string; url: string },
  ) {}

  postMessage(message: unknown): void {
    this.sent.push(message);
  }

  ask(message: unknown): void {
    for (const hear of this.hearing) hear(message);
  }

  close(): void {
    for (const close of this.closing) close();
  }
}

describe('a script that answers in pieces', () => {
  const connected: ((port: Port) => void)[] = [];
  let name = '';
  let count = 0;

  beforeEach(() => {
    connected.length = 0;
    name = `reading ${(count += 1)}`;
    vi.stubGlobal('chrome', {
      runtime: {
        id: 'abc',
        getURL: () => 'chrome-extension://abc/',
        onConnect: { addListener: (connect: (port: Port) => void) => void connected.push(connect) },
      },
    });
  });

  const portFrom = (url: string, called = name): Port => {
    const port = new Port(called, { id: 'abc', url });
    for (const connect of connected) connect(port);
    return port;
  };
  const word = (message: unknown): string | null => (typeof message === 'string' ? message : null);
  const settled = (): Promise<void> => new Promise((resume) => setTimeout(resume));

  it('answers the extension’s own pages alone, and once however often it is put there', async () => {
    const answer = async (request: string, send: (piece: string) => void): Promise<void> => {
      send(`${request} one`);
      await settled();
      send(`${request} two`);
    };
    listenOver(name, word, answer);
    listenOver(name, word, answer);
    const ports = [portFrom(PANEL), portFrom('https://evil.example/panel.html'), portFrom(PANEL, 'another')];
    for (const port of ports) port.ask('part');
    ports[0]!.ask({ not: 'known' });
    await settled();
    await settled();
    expect(ports.map(({ sent }) => sent)).toEqual([['part one', 'part two'], [], []]);
  });

  it('tells why nothing comes', async () => {
    listenOver(name, word, () => Promise.reject(new Error('the page is gone')));
    const port = portFrom(PANEL);
    port.ask('part');
    await settled();
    expect(port.sent).toEqual([{ failed: 'Error: the page is gone' }]);
  });

  it('ends its work when the port is closed, and says nothing more', async () => {
    let ended: unknown = null;
    listenOver(name, word, async (_, send, signal) => {
      await settled();
      ended = signal.aborted;
      send('late');
      signal.throwIfAborted();
    });
    const port = portFrom(PANEL);
    port.ask('part');
    port.close();
    await settled();
    await settled();
    expect(ended).toBe(true);
    expect(port.sent).toEqual([]);
  });
});
