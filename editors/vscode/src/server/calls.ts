import { CancellationTokenSource, type LanguageClient } from 'vscode-languageclient/node';
import { PieceBackend, type Call, type Line, type Piece } from '../../../../ui/src/backend/pieces';

/** A request to the host that is under way. */
interface Running {
  tell: (piece: Piece) => void;
  cancellation: CancellationTokenSource;
}

/** Requests to the host, which the language server hands on: those of the chat's page, and the extension's own. */
export class Calls implements Line {
  private readonly running = new Map<string, Running>();
  /** The host, for the extension itself. */
  readonly host = new PieceBackend(this);

  /** @param client gives the client; null while the server does not run */
  constructor(private readonly client: () => LanguageClient | null) {}

  /** Hears the answers that come by a client. */
  hear(client: LanguageClient): void {
    client.onNotification('ambit/piece', ({ id, piece }: { id: string; piece: Piece }) => {
      if ('data' in piece) this.running.get(id)?.tell(piece);
      else this.end(id, piece);
    });
  }

  begin(call: Call, tell: (piece: Piece) => void): void {
    const client = this.client();
    if (!client) return tell(UNREACHABLE);
    const cancellation = new CancellationTokenSource();
    this.running.set(call.id, { tell, cancellation });
    // The server answers when it has told all pieces, or why there are none.
    client.sendRequest('ambit/call', call, cancellation.token).catch(() => this.end(call.id, UNREACHABLE));
  }

  cancel(id: string): void {
    const call = this.running.get(id);
    this.running.delete(id);
    call?.cancellation.cancel();
  }

  /** Tells all that wait that no answer comes: the server is gone. */
  failAll(): void {
    for (const id of [...this.running.keys()]) this.end(id, UNREACHABLE);
  }

  private end(id: string, piece: Piece): void {
    const call = this.running.get(id);
    this.running.delete(id);
    call?.tell(piece);
  }
}

/** What a host would answer if it could. The page knows the code and waits for it. */
const UNREACHABLE: Piece = {
  failed: {
    type: 'about:blank',
    title: 'Unreachable',
    status: 503,
    code: 'unreachable',
    detail: 'the language server does not run',
  },
};
