import type { ServerState } from '../server/language_server';
import type { Availability } from '../switches';

/** What the language server says of itself, in the words of Copilot's protocol. */
export interface ServerStatus {
  kind: 'Normal' | 'Error' | 'Warning' | 'Inactive';
  busy?: boolean;
  message?: string | null;
}

/** What the server warns of: why the model that is to complete code does not. Null where all is well. */
export function warningOf(said: ServerStatus | null): string | null {
  return said?.kind === 'Warning' ? (said.message ?? '') : null;
}

/** What decides how things stand for who looks at an editor. */
export interface Facts {
  server: ServerState;
  /** What the server said last; null when it said nothing so far. */
  said: ServerStatus | null;
  isIndexing: boolean;
  /** How it is in the document in front; null when there is none. */
  availability: Availability | null;
  /** Whether suggestions are switched on at all, where no document is in front. */
  enabled: boolean;
  subtle: boolean;
}

/** How things stand: the one thing of all that people should know first. */
export type Situation =
  | 'missing'
  | 'failed'
  | 'starting'
  | 'no-host'
  | 'off'
  | 'off-language'
  | 'off-file'
  | 'no-model'
  | 'indexing'
  | 'subtle'
  | 'ready';

export function situation({ server, said, isIndexing, availability, enabled, subtle }: Facts): Situation {
  if (server === 'missing' || server === 'failed') return server;
  if (server !== 'running') return 'starting';
  if (!enabled) return 'off';
  if (said?.kind === 'Error') return 'no-host';
  if (said?.busy) return 'starting';
  if (availability === 'file') return 'off-file';
  if (availability === 'language') return 'off-language';
  if (warningOf(said) !== null) return 'no-model';
  if (isIndexing) return 'indexing';
  return subtle ? 'subtle' : 'ready';
}

/** Whether one has to do something about it before all of Ambit works. */
export function isTrouble(situation: Situation): boolean {
  return ['missing', 'failed', 'no-host', 'no-model'].includes(situation);
}
