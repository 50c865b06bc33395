import { HostError, isAborted } from '../../backend/backend';
import type { Host } from '../../backend/host';
import type { AskEvent, AskRequest, Mention, Session, SessionDetail, Turn } from '../../backend/types';
import { About } from '../about/about.svelte';
import {
  ANYONE,
  joined,
  NEW,
  readAbout,
  readChoice,
  readDraft,
  readShowsFirst,
  writeAbout,
  writeChoice,
  writeDraft,
  writeShowsFirst,
  type Choice,
} from './draft';
import { Edits } from './edits.svelte';
import { LiveTurn } from './turn.svelte';
import { dropQuestion, keepQuestion } from './under_way';

/** A conversation that is open on the page; the host's word for it is session. */
export class Chat {
  /** The host's id; null until the first question has arrived. */
  id = $state<string | null>(null);
  title = $state('');
  /** Who answers in it. */
  choice = $state.raw<Choice>(ANYONE);
  turns = $state.raw<LiveTurn[]>([]);
  // Found out once for all who ask: there may be thousands of turns, and each asks.
  /** Whether an answer comes to this page. */
  readonly isRunning = $derived(this.turns.some((turn) => turn.isRunning));
  /** Whether an answer is made for another page or program. */
  readonly isRunningElsewhere = $derived(this.turns.some((turn) => turn.phase === 'elsewhere'));
  /** What is typed and not sent. */
  draft = $state('');
  /** What that is about. */
  about = $state.raw<About>() as About;
  /** Whether it is to be sent once its files are there. */
  isWaiting = $state(false);
  /** Whether what would leave the machine is shown before it does. */
  showsFirst = $state(false);
  /** Questions that are being put in other words. */
  readonly edits: Edits;
  /** Whether its turns are known. */
  loaded = $state(false);
  /** Why its turns could not be loaded. */
  failure = $state.raw<unknown>(null);
  /** Why the last question was not sent. */
  unsent = $state.raw<unknown>(null);
  /** Whether that question is where one types again. */
  isBack = $state(false);
  /** What ends the answers that come to this page. */
  private readonly coming = new Map<LiveTurn, AbortController>();
  /** How often turns took the place of others; what the host told before that is void. */
  private replaced = 0;
  private loading: Promise<void> | null = null;

  constructor(id: string | null) {
    this.id = id;
    this.draft = readDraft(id ?? NEW);
    this.adopt(new About(readAbout(id ?? NEW)));
    this.showsFirst = readShowsFirst(id ?? NEW);
    this.edits = new Edits(() => this.id);
    if (id === null) this.choice = readChoice();
    this.loaded = id === null;
  }

  /** Whether the host has it no more. */
  get isGone(): boolean {
    return isUnknown(this.failure);
  }

  /** Whether nothing is lost when it is let go and loaded again. */
  get isIdle(): boolean {
    return !this.isRunning && this.unsent === null && this.loading === null && !this.isWaiting && !this.about.isComing;
  }

  /** Changes what is typed, and keeps it over a crash. */
  type(text: string): void {
    this.draft = text;
    writeDraft(this.id ?? NEW, text);
  }

  /** Takes over what was put back to where one types. */
  readKept(): void {
    this.draft = readDraft(this.id ?? NEW);
    this.about.putBack(readAbout(this.id ?? NEW));
  }

  /** Takes over what its next question is about, and keeps it over a crash. */
  adopt(about: About): void {
    about.keep = (mentions) => writeAbout(this.id ?? NEW, mentions);
    this.about = about;
  }

  /** Chooses whether what would leave the machine is shown before it does. */
  showFirst(showsFirst: boolean): void {
    this.showsFirst = showsFirst;
    writeShowsFirst(this.id ?? NEW, showsFirst);
  }

  /** Puts a question that the host never had before what was typed since. */
  takeBack(question: string, about: Mention[], failure: unknown): void {
    this.type(joined(question, this.draft));
    this.about.putBack(about);
    this.unsent = failure;
    this.isBack = true;
  }

  /** Tells why a question that was asked before was not asked again. */
  refuse(failure: unknown): void {
    this.unsent = failure;
    this.isBack = false;
  }

  /** Stops the answers that come to this page. They would go on without it. */
  async stop(host: Host): Promise<void> {
    this.isWaiting = false;
    const turns = [...this.coming.keys()].flatMap(({ id }) => id ?? []);
    for (const abort of this.coming.values()) abort.abort();
    const stopped = turns.map((turn) => host.delete('/v1/answers/{turn}', { path: { turn } }));
    for (const one of await Promise.allSettled(stopped)) {
      // It has ended in the meantime.
      if (one.status === 'rejected' && !isUnknown(one.reason)) throw one.reason;
    }
  }

  /**
   * Asks, and follows the answer to its end; in the place of a turn and those after it, if one is given. `onstarted` is told
   * once the host has stored the question. What is typed stays.
   * @returns the turn
   * @throws why the host never had the question; then there is no turn of it
   */
  async ask(
    host: Host,
    question: string,
    onstarted: (session: string) => void,
    replaced?: LiveTurn,
    about: Mention[] = [],
  ): Promise<LiveTurn> {
    const turn = new LiveTurn(question, Date.now(), about);
    this.turns = [...this.turns, turn];
    this.unsent = null;
    const session = this.id;
    keepQuestion(session ?? NEW, { question, about });
    const body = { ...this.request(question, about, replaced), goes_on: true };
    try {
      await this.hear(
        turn,
        (signal) => host.begin('/v1/ask', { body, signal }),
        (started) => {
          dropQuestion(session ?? NEW, question);
          this.replace(replaced, turn);
          onstarted(started);
        },
      );
    } catch (failure) {
      if (turn.id === null) {
        this.turns = this.turns.filter((other) => other !== turn);
        dropQuestion(session ?? NEW, question);
        throw failure;
      }
    }
    return turn;
  }

  /**
   * Follows an answer that is being made to its end, whoever asked.
   * @returns whether it was told to its end
   */
  async follow(host: Host, turn: LiveTurn): Promise<boolean> {
    const id = turn.id;
    if (id === null || turn.phase !== 'elsewhere') return false;
    turn.begin();
    try {
      await this.hear(turn, (signal) => host.follow('/v1/answers/{turn}', { path: { turn: id }, signal }));
    } catch (failure) {
      // It has ended by now, which the host tells when it is asked again.
      if (isUnknown(failure)) turn.phase = 'elsewhere';
    }
    return turn.hasEnded;
  }

  /**
   * Takes in what is told of an answer to its end.
   * @throws what ended it before
   */
  private async hear(
    turn: LiveTurn,
    begin: (signal: AbortSignal) => AsyncIterable<AskEvent>,
    onstarted?: (session: string) => void,
  ): Promise<void> {
    const abort = new AbortController();
    this.coming.set(turn, abort);
    try {
      for await (const event of begin(abort.signal)) {
        turn.apply(event);
        if (event.event === 'started') onstarted?.(event.session);
      }
      if (turn.isRunning) throw new HostError('unreachable', 'the host does not answer');
    } catch (failure) {
      if (turn.isRunning) {
        turn.breakOff(isAborted(failure) ? 'stopped' : 'failed');
        turn.isCutOff = true;
      }
      throw failure;
    } finally {
      this.coming.delete(turn);
    }
  }

  /** How the host is asked, or asked what a model would be. */
  request(question: string, about: Mention[], replaced?: LiveTurn): AskRequest {
    return {
      question,
      ...(this.id === null ? this.chosen : { session: this.id }),
      ...(replaced?.id ? { replaces: replaced.id } : {}),
      ...(about.length > 0 ? { about } : {}),
    };
  }

  /** Chooses who is to answer in a chat that has not begun. */
  choose(choice: Choice): void {
    this.choice = choice;
    writeChoice(choice);
  }

  /** What a new chat tells of who is to answer. */
  private get chosen(): { model?: string; only_local?: boolean } {
    const { model, onlyLocal } = this.choice;
    return { ...(model === null ? {} : { model }), ...(onlyLocal ? { only_local: true } : {}) };
  }

  /** Has a turn take the place of another and those after it. */
  private replace(replaced: LiveTurn | undefined, by: LiveTurn): void {
    const at = replaced === undefined ? -1 : this.turns.indexOf(replaced);
    if (at < 0) return;
    this.replaced++;
    by.replaces = true;
    this.turns = [...this.turns.slice(0, at), by];
  }

  /**
   * Brings back what a turn took the place of.
   * @throws what the host says
   */
  async restore(host: Host, turn: LiveTurn): Promise<void> {
    if (this.id === null || turn.id === null) return;
    const body = { replacing: turn.id };
    const restored = await host.post('/v1/sessions/{id}/restore', { path: { id: this.id }, body });
    this.replaced++;
    this.take(restored, new Set(this.turns));
  }

  /** Takes over what the host tells of it. */
  settle(session: Session): void {
    this.title = session.title;
    this.choice = { model: session.model ?? null, onlyLocal: session.only_local ?? false };
  }

  /**
   * Loads its turns, again as well; an answer that comes to this page goes on.
   * @throws what the host says, which `failure` keeps
   */
  load(host: Host): Promise<void> {
    this.loading ??= this.fetch(host).finally(() => (this.loading = null));
    return this.loading;
  }

  private async fetch(host: Host): Promise<void> {
    if (this.id === null) return;
    const before = new Set(this.turns);
    try {
      const replaced = this.replaced;
      const detail = await host.get('/v1/sessions/{id}', { path: { id: this.id } });
      if (replaced !== this.replaced) return;
      this.take(detail, before);
      this.loaded = true;
      this.failure = null;
    } catch (failure) {
      this.failure = failure;
      throw failure;
    }
  }

  private take({ session, turns }: SessionDetail, before: Set<LiveTurn>): void {
    this.settle(session);
    this.turns = this.merged(turns, before);
  }

  /** The host's turns; those that are known stay the same objects. What was asked since, or is being asked, stays at the end. */
  private merged(stored: Turn[], before: Set<LiveTurn>): LiveTurn[] {
    const known = new Map(this.turns.map((turn) => [turn.id, turn]));
    const ids = new Set<string | null>(stored.map((turn) => turn.id));
    const all = stored.map((turn) => {
      const live = known.get(turn.id);
      if (!live) return LiveTurn.of(turn);
      // What comes to this page it knows better, unless the host tells an end, or the page missed it.
      const isKnown = live.hasEnded && !live.isCutOff;
      if (!live.isRunning && !(isKnown && turn.status === 'running')) live.settle(turn);
      return live;
    });
    return [...all, ...this.turns.filter((turn) => !ids.has(turn.id) && (turn.isRunning || !before.has(turn)))];
  }
}

/** Whether the host says that there is no such thing. */
function isUnknown(failure: unknown): boolean {
  return failure instanceof HostError && failure.code === 'not-found';
}
