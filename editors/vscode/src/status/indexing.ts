import type { PieceBackend } from '../../../../ui/src/backend/pieces';

/** How far the host has come with indexing, as far as it matters here. */
export interface Progress {
  scanning: boolean;
  to_embed: number;
  paused?: unknown;
}

export function isIndexing({ scanning, to_embed, paused }: Progress): boolean {
  return scanning || (to_embed > 0 && !paused);
}

/** Tells whether the host is indexing, for as long as it tells that and nobody ends it. */
export async function followIndexing(
  host: PieceBackend,
  signal: AbortSignal,
  tell: (isIndexing: boolean) => void,
): Promise<void> {
  try {
    for await (const progress of host.stream({ method: 'GET', path: '/v1/index/events', signal })) {
      tell(isIndexing(progress as Progress));
    }
  } catch {
    // The host is gone, which the status tells, or nobody wants to know.
  }
  if (!signal.aborted) tell(false);
}
