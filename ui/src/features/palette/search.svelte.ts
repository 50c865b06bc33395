import { isAborted } from '../../backend/backend';
import type { Connection } from '../../backend/connection.svelte';
import type { Host } from '../../backend/host';
import type { FoundTurn, Hit, Setting } from '../../backend/types';

/** How long one must rest before anything is searched, in milliseconds. */
const REST = 120;

/** Shorter texts are not searched for. */
const SHORTEST = 2;

/** What the host finds for what is typed. */
export class Search {
  /** Passages of files. */
  hits = $state.raw<Hit[]>([]);
  /** Questions that were asked, and their answers. */
  turns = $state.raw<FoundTurn[]>([]);
  settings = $state.raw<Setting[]>([]);

  constructor(
    private readonly host: Host,
    private readonly connection: Connection,
  ) {}

  /** Searches for a text, once it stays so. Returns what gives that up. */
  begin(wanted: string): (() => void) | undefined {
    if (wanted.length < SHORTEST) {
      this.hits = [];
      this.turns = [];
      return;
    }
    const abort = new AbortController();
    const timer = setTimeout(() => this.run(wanted, abort.signal), REST);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }

  /** Each shows what it has found as soon as it has. */
  private run(wanted: string, signal: AbortSignal): void {
    const { host } = this;
    this.show(host.post('/v1/search', { body: { query: wanted, limit: 20 }, signal }), ({ passages }) => {
      this.hits = passages;
    });
    this.show(host.get('/v1/sessions/search', { query: { query: wanted, limit: 4 }, signal }), ({ turns }) => {
      this.turns = turns;
    });
    if (this.settings.length > 0) return;
    this.show(host.get('/v1/settings'), ({ settings }) => (this.settings = settings));
  }

  private show<T>(asked: Promise<T>, shown: (answer: T) => void): void {
    asked.then(shown).catch((failure: unknown) => {
      if (!isAborted(failure)) this.connection.suspect(failure);
    });
  }
}
