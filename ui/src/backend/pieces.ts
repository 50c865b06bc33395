import { HostError, type Backend, type HostRequest } from './backend';
import { Queue } from './queue';
import type { Problem } from './types';

/** A request, as it is handed to the program that shows the page. */
export interface Call {
  /** The page's own name for it. */
  id: string;
  method: string;
  path: string;
  /** JSON. */
  body: string | null;
  /** Whether the answer is a stream of events. */
  isStream: boolean;
}

/** A piece of an answer: its JSON, once or for each event, and then one of the two others. */
export type Piece = { data: unknown } | { ended: true } | { failed: Problem };

/** The way to the program that shows the page. */
export interface Line {
  /** Hands a request over. `tell` gets the pieces of its answer, `lost` why there are none. */
  begin(call: Call, tell: (piece: Piece) => void, lost: (failure: unknown) => void): void;
  /** Gives up a request. */
  cancel(id: string): void;
}

/** The host, by way of the program that shows this page and hands answers over in pieces. */
export class PieceBackend implements Backend {
  private last = 0;

  constructor(private readonly line: Line) {}

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
    const abort = (): void => queue.fail(signal?.reason);
    signal?.addEventListener('abort', abort);
    let isOver = false;
    this.line.begin(
      call,
      (piece) => queue.push(piece),
      (failure) => {
        isOver = true;
        queue.fail(failure);
      },
    );
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
      if (!isOver) this.line.cancel(id);
    }
  }
}

function refusal({ code, detail, hint }: Problem): HostError {
  return new HostError(code, detail, hint ?? null);
}
