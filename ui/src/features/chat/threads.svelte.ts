import { SvelteMap } from 'svelte/reactivity';
import { HostError, isAborted } from '../../backend/backend';
import type { Host } from '../../backend/host';
import type { Session } from '../../backend/types';
import { NEW, readDraft, writeDraft } from './draft';
import { LiveTurn } from './turn.svelte';

/** How many chats are listed at a time. */
const PAGE = 100;

/** A conversation that is open on the page. */
export class Thread {
  /** The host's id; null until the first question has arrived. */
  id = $state<string | null>(null);
  title = $state('');
  turns = $state<LiveTurn[]>([]);
  /** What is typed and not sent. */
  draft = $state('');
  /** Whether its turns are known. */
  loaded = $state(false);
  /** Why its turns could not be loaded. */
  failure = $state.raw<unknown>(null);
  /** Why the last question was not sent. */
  unsent = $state.raw<unknown>(null);
  private abort: AbortController | null = null;

  constructor(id: string | null) {
    this.id = id;
    this.draft = readDraft(id ?? NEW);
    this.loaded = id === null;
  }

  get isRunning(): boolean {
    return this.turns.at(-1)?.isRunning ?? false;
  }

  /** Changes what is typed, and keeps it over a crash. */
  type(text: string): void {
    this.draft = text;
    writeDraft(this.id ?? NEW, text);
  }

  stop(): void {
    this.abort?.abort();
  }

  /** Asks, and follows the answer to its end. `onstarted` is told once the host has stored the question. */
  async ask(host: Host, question: string, onstarted: (session: string) => void): Promise<void> {
    const abort = (this.abort = new AbortController());
    const added = new LiveTurn(question, Date.now());
    this.turns.push(added);
    this.unsent = null;
    const session = this.id;
    try {
      const body = session === null ? { question } : { question, session };
      for await (const event of host.begin('/v1/ask', { body, signal: abort.signal })) {
        added.apply(event);
        if (event.event === 'started') {
          writeDraft(session ?? NEW, this.draft);
          onstarted(event.session);
        }
      }
      if (added.isRunning) throw new HostError('unreachable', 'the host does not answer');
    } catch (failure) {
      this.ended(added, failure);
    } finally {
      if (this.abort === abort) this.abort = null;
    }
  }

  private ended(turn: LiveTurn, failure: unknown): void {
    if (isAborted(failure)) {
      turn.phase = 'stopped';
    } else if (turn.id !== null) {
      turn.phase = 'failed';
    } else {
      // The host never had it: it goes back to where it was typed, before what was typed since.
      this.turns = this.turns.filter((other) => other !== turn);
      this.type(this.draft === '' ? turn.question : `${turn.question}\n\n${this.draft}`);
      this.unsent = failure;
    }
  }
}

/** All conversations: the list, and those that are open. */
export class Threads {
  list = $state.raw<Session[]>([]);
  loaded = $state(false);
  failure = $state.raw<unknown>(null);
  private next = $state.raw<string | null>(null);
  private readonly open = new SvelteMap<string, Thread>();
  private fresh = $state.raw(new Thread(null));

  constructor(
    private readonly host: Host,
    /** Told of each failure, which may mean that the host has gone. */
    private readonly onfailure: (failure: unknown) => void,
  ) {}

  get hasMore(): boolean {
    return this.next !== null;
  }

  /** The conversation with an id, or the one that has not begun. Loads its turns when they are not known. */
  get(id: string | null): Thread {
    if (id === null) return this.fresh;
    return this.open.get(id) ?? new Thread(id);
  }

  /** Makes sure that the turns of a conversation are there. */
  async enter(id: string): Promise<void> {
    let thread = this.open.get(id);
    if (!thread) {
      thread = new Thread(id);
      this.open.set(id, thread);
    }
    if (!thread.loaded) await this.load(thread, id);
  }

  /** Loads the list anew, and what is open as well. */
  async refresh(): Promise<void> {
    try {
      const page = await this.host.get('/v1/sessions', { query: { limit: PAGE } });
      this.list = page.sessions;
      this.next = page.next ?? null;
      this.failure = null;
      this.loaded = true;
    } catch (failure) {
      this.failure = failure;
      this.onfailure(failure);
    }
  }

  /** After the host was away: what it knows now counts, but for answers that are under way. */
  async reload(): Promise<void> {
    await this.refresh();
    const idle = [...this.open].filter(([, thread]) => !thread.isRunning);
    await Promise.all(idle.map(([id, thread]) => this.load(thread, id)));
  }

  async more(): Promise<void> {
    if (this.next === null) return;
    const page = await this.host.get('/v1/sessions', { query: { limit: PAGE, after: this.next } });
    const known = new Set(this.list.map((session) => session.id));
    this.list = [...this.list, ...page.sessions.filter((session) => !known.has(session.id))];
    this.next = page.next ?? null;
  }

  /** Asks in a conversation. `onbegun` is told the id that a new one got. */
  async ask(thread: Thread, question: string, onbegun: (id: string) => void): Promise<void> {
    thread.type('');
    // Until the host has it, a crash must not lose it.
    writeDraft(thread.id ?? NEW, question);
    await thread.ask(this.host, question, (session) => {
      if (thread.id === null) this.begun(thread, session, onbegun);
      void this.refresh();
    });
    if (thread.unsent) this.onfailure(thread.unsent);
    void this.refresh();
  }

  async rename(id: string, title: string): Promise<void> {
    const renamed = await this.host.patch('/v1/sessions/{id}', { path: { id }, body: { title } });
    this.list = this.list.map((session) => (session.id === id ? renamed : session));
    const thread = this.open.get(id);
    if (thread) thread.title = renamed.title;
  }

  async remove(id: string): Promise<void> {
    this.open.get(id)?.stop();
    await this.host.delete('/v1/sessions/{id}', { path: { id } });
    this.list = this.list.filter((session) => session.id !== id);
    this.open.delete(id);
    writeDraft(id, '');
  }

  isWorking(id: string): boolean {
    return this.open.get(id)?.isRunning ?? false;
  }

  private begun(thread: Thread, session: string, onbegun: (id: string) => void): void {
    thread.id = session;
    thread.title = thread.turns[0]?.question ?? '';
    writeDraft(NEW, '');
    writeDraft(session, thread.draft);
    this.open.set(session, thread);
    if (this.fresh === thread) this.fresh = new Thread(null);
    onbegun(session);
  }

  private async load(thread: Thread, id: string): Promise<void> {
    try {
      const { session, turns } = await this.host.get('/v1/sessions/{id}', { path: { id } });
      if (thread.isRunning) return;
      thread.title = session.title;
      thread.turns = turns.map((turn) => LiveTurn.of(turn));
      thread.loaded = true;
      thread.failure = null;
    } catch (failure) {
      thread.failure = failure;
      this.onfailure(failure);
    }
  }
}
