import { Channel, invoke } from '@tauri-apps/api/core';
import { HostError, type Backend, type HostRequest, type Shell, type ShellMessage } from './backend';
import { Queue } from './queue';
import type { Problem } from './types';

/** A piece of an answer, as the desktop app hands it over. */
type Piece = { data: unknown } | { ended: true } | { failed: Problem };

/** The host, by way of the desktop app that shows this page. */
export class TauriBackend implements Backend {
  readonly shell: Shell = { listen, hideLauncher, open, offerSelection, paste, chooseFolder, answered };
  private last = 0;

  /** Whether the desktop app shows this page. */
  static get isHere(): boolean {
    return '__TAURI_INTERNALS__' in window;
  }

  async request(request: HostRequest): Promise<unknown> {
    let answer: unknown;
    for await (const data of this.pieces(request, false)) answer = data;
    return answer;
  }

  stream(request: HostRequest): AsyncGenerator<unknown> {
    return this.pieces(request, true);
  }

  private async *pieces({ method, path, body, signal }: HostRequest, isStream: boolean): AsyncGenerator<unknown> {
    signal?.throwIfAborted();
    // Another page in this window begins with numbers of its own.
    const id = `${performance.timeOrigin}-${++this.last}`;
    const call = { id, method, path, body: body === undefined ? null : JSON.stringify(body), isStream };
    const queue = new Queue<Piece>();
    const pieces = new Channel<Piece>((piece) => queue.push(piece));
    const abort = (): void => queue.fail(signal?.reason);
    signal?.addEventListener('abort', abort);
    let isOver = false;
    invoke('send', { call, pieces }).catch((failure: unknown) => {
      isOver = true;
      queue.fail(new HostError('internal', String(failure)));
    });
    try {
      for (;;) {
        const piece = await queue.take();
        if ('data' in piece) {
          yield piece.data;
          continue;
        }
        isOver = true;
        if ('failed' in piece) throw refusal(piece.failed);
        return;
      }
    } finally {
      signal?.removeEventListener('abort', abort);
      // Who stops reading ends the work behind it.
      if (!isOver) void invoke('cancel', { id }).catch(() => undefined);
    }
  }
}

function refusal({ code, detail, hint }: Problem): HostError {
  return new HostError(code, detail, hint ?? null);
}

function listen(tell: (message: ShellMessage) => void): () => void {
  const messages = new Channel<ShellMessage>(tell);
  void invoke('listen', { messages });
  return () => (messages.onmessage = () => undefined);
}

function hideLauncher(): void {
  void invoke('hide_launcher');
}

function open(address: string): void {
  void invoke('open', { address });
}

function offerSelection(): void {
  void invoke('offer_selection');
}

function paste(text: string): Promise<void> {
  return told('paste', { text });
}

function chooseFolder(title: string): Promise<string | null> {
  return told('choose_folder', { title });
}

/** Has the app do something whose failure people are told. */
async function told<T>(command: string, parameters: Record<string, unknown>): Promise<T> {
  try {
    return await invoke<T>(command, parameters);
  } catch (failure) {
    throw new Error(String(failure), { cause: failure });
  }
}

function answered(address: string, title: string): void {
  void invoke('answered', { address, title });
}
