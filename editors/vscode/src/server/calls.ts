import type { LanguageClient } from 'vscode-languageclient/node';
import { PieceBackend, type Call, type Line, type Piece } from '../../../../ui/src/backend/pieces';

interface PieceOf {
  id: string;
  piece: Piece;
}

/** Requests to the host, which the language server hands on: those of the chat's page, and the extension's own. */
export class Calls implements Line {
  private readonly waiting = new Map<string, (piece: Piece) => void>();
  /** The host, for the extension itself. */
  readonly host = new PieceBackend(this);

  /** @param client gives the client; null while the server does not run */
  constructor(private readonly client: () => LanguageClient | null) {}

  /** Hears the answers that come by a client. */
  hear(client: LanguageClient): void {
    client.onNotification('ambit/piece', ({ id, piece }: PieceOf) => {
      const tell = this.waiting.get(id);
      if (!tell) return;
      if (!('data' in piece)) this.waiting.delete(id);
      tell(piece);
    });
  }

  begin(call: Call, tell: (piece: Piece) => void): void {
    const client = this.client();
    if (!client) return tell(UNREACHABLE);
    this.waiting.set(call.id, tell);
    client.sendNotification('ambit/call', call).catch(() => this.fail(call.id));
  }

  cancel(id: string): void {
    if (!this.waiting.delete(id)) return;
    // Where that cannot be told, nobody works on it either.
    void this.client()
      ?.sendNotification('ambit/cancel', { id })
      .catch(() => undefined);
  }

  /** Tells all that wait that no answer comes: the server is gone. */
  failAll(): void {
    for (const id of [...this.waiting.keys()]) this.fail(id);
  }

  private fail(id: string): void {
    const tell = this.waiting.get(id);
    this.waiting.delete(id);
    tell?.(UNREACHABLE);
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
