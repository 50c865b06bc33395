import { describe, expect, it, vi } from 'vitest';
import { HostError } from '../../../ui/src/backend/backend';
import { told } from '../../../ui/src/components/failure';
import { PieceBackend } from '../../../ui/src/backend/pieces';
import { NativeLine, type NativeMessaging, type NativePort } from './native_line';

/** A program that does what a test says, and a browser that starts it. */
class Program implements NativeMessaging {
  readonly ports: {
    said: unknown[];
    say: (message: unknown) => void;
    end: (reason?: string) => void;
    isOpen: boolean;
  }[] = [];
  private why: string | undefined;

  connect(): NativePort {
    let hear: (message: unknown) => void = () => undefined;
    let ended: () => void = () => undefined;
    const port = {
      said: [] as unknown[],
      isOpen: true,
      say: (message: unknown) => hear(message),
      end: (reason?: string) => {
        this.why = reason;
        port.isOpen = false;
        ended();
      },
    };
    this.ports.push(port);
    return {
      postMessage: (message) => {
        if (!port.isOpen) throw new Error('Attempting to use a disconnected port object');
        port.said.push(message);
      },
      disconnect: () => (port.isOpen = false),
      onMessage: { addListener: (listener) => (hear = listener) },
      onDisconnect: { addListener: (listener) => (ended = listener) },
    };
  }

  reason(): string | undefined {
    return this.why;
  }

  get last(): (typeof this.ports)[number] {
    const port = this.ports.at(-1);
    if (!port) throw new Error('nothing was started');
    return port;
  }

  /** The name of the request that was made last. */
  get asked(): string {
    return (this.last.said.at(-1) as { call: { id: string } }).call.id;
  }
}

const STATUS = { method: 'GET', path: '/v1/status' } as const;

function failure(answer: Promise<unknown>): Promise<HostError> {
  return answer.then(
    () => Promise.reject(new Error('it was answered')),
    (problem: unknown) => problem as HostError,
  );
}

describe('the line to the program', () => {
  it('introduces itself, asks, and gives what is answered in pieces and in parts', async () => {
    const program = new Program();
    const backend = new PieceBackend(new NativeLine(program, '0.1.0'));
    const answer = backend.request(STATUS);
    await Promise.resolve();
    expect(program.last.said[0]).toEqual({ hello: { protocol: 1, version: '0.1.0' } });
    program.last.say({ hello: { protocol: 1, version: '0.1.0' } });
    const text = JSON.stringify({ id: program.asked, piece: { data: { roots: [] } } });
    program.last.say({ part: { text: text.slice(0, 20), isLast: false } });
    program.last.say({ part: { text: text.slice(20), isLast: true } });
    program.last.say({ id: program.asked, piece: { ended: true } });
    expect(await answer).toEqual({ roots: [] });
    expect(program.ports).toHaveLength(1);
  });

  it('tells all who wait when the program ends, and starts it again for the next', async () => {
    const program = new Program();
    const backend = new PieceBackend(new NativeLine(program, '0.1.0'));
    const waiting = [failure(backend.request(STATUS)), failure(backend.request(STATUS))];
    await Promise.resolve();
    program.last.end('Native host has exited.');
    for (const one of await Promise.all(waiting)) expect(one.code).toBe('unreachable');
    void backend.request(STATUS).catch(() => undefined);
    await Promise.resolve();
    expect(program.ports).toHaveLength(2);
  });

  it('says what to do where there is no program, or it does not admit the extension', async () => {
    for (const [reason, what, words] of [
      ['Specified native messaging host not found.', 'finds no Ambit', 'ambit browser install'],
      ['No such native application app.ambit.native_host', 'finds no Ambit', 'ambit browser install'],
      ['Access to the specified native messaging host is forbidden.', 'does not admit', 'ambit browser install'],
      ['Native host has exited.', 'does not answer', 'ambit browser status'],
      [undefined, 'does not answer', 'ambit browser status'],
    ] as const) {
      const program = new Program();
      const refused = failure(new PieceBackend(new NativeLine(program, '0.1.0')).request(STATUS));
      await Promise.resolve();
      program.last.end(reason);
      const { message, hint } = told(await refused);
      expect(message).toContain(what);
      expect(hint).toContain(words);
    }
  });

  it('gives up a program of another version, and one that cannot be understood', async () => {
    for (const said of [
      { hello: { protocol: 2, version: '9.0.0' } },
      { failed: { detail: 'a message of the extension cannot be read', hint: 'update both' } },
      { part: { text: '{"id', isLast: true } },
    ]) {
      const program = new Program();
      const refused = failure(new PieceBackend(new NativeLine(program, '0.1.0')).request(STATUS));
      await Promise.resolve();
      program.last.say(said);
      const { code, message, hint } = await refused;
      expect(code).toBe('hello' in said ? 'unavailable' : 'unreachable');
      if ('hello' in said) expect(message).toContain('Ambit 9.0.0 on this machine speaks another version');
      if ('failed' in said) expect([message, hint]).toEqual([said.failed.detail, said.failed.hint]);
      expect(program.last.isOpen).toBe(false);
    }
  });

  it('gives up a program that says nothing, and starts another for the next', async () => {
    vi.useFakeTimers();
    try {
      const program = new Program();
      const backend = new PieceBackend(new NativeLine(program, '0.1.0'));
      const refused = failure(backend.request(STATUS));
      await vi.advanceTimersByTimeAsync(8_000);
      const { code, hint } = await refused;
      expect([code, hint]).toEqual(['unreachable', expect.stringContaining('ambit browser status')]);
      expect(program.last.isOpen).toBe(false);
      const answer = backend.request(STATUS);
      await vi.advanceTimersByTimeAsync(0);
      program.last.say({ hello: { protocol: 1, version: '0.1.0' } });
      // Once it has said something, an answer may take its time.
      await vi.advanceTimersByTimeAsync(60_000);
      program.last.say({ id: program.asked, piece: { data: { roots: [] } } });
      program.last.say({ id: program.asked, piece: { ended: true } });
      expect(await answer).toEqual({ roots: [] });
    } finally {
      vi.useRealTimers();
    }
  });

  it('hears nothing that it did not ask for, and gives up what nobody waits for', async () => {
    const program = new Program();
    const backend = new PieceBackend(new NativeLine(program, '0.1.0'));
    const abort = new AbortController();
    const answer = failure(backend.request({ ...STATUS, signal: abort.signal }));
    await Promise.resolve();
    const id = program.asked;
    for (const odd of [null, 1, 'x', { id: 'another', piece: { data: 1 } }, { id, piece: null }, {}])
      program.last.say(odd);
    abort.abort();
    expect((await answer).name).toBe('AbortError');
    expect(program.last.said.at(-1)).toEqual({ cancel: id });
    program.last.say({ id, piece: { data: 1 } });
  });
});
