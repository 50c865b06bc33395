import { SvelteSet } from 'svelte/reactivity';
import { HostError, isAborted } from '../../backend/backend';
import type { Host } from '../../backend/host';
import type { EditSession, Mention, Session } from '../../backend/types';
import { Pages } from '../../components/pages.svelte';
import { About } from '../about/about.svelte';
import { isSame } from '../about/mention';
import { Chat } from './chat.svelte';
import {
  ANYONE,
  forgetChat,
  joined,
  NEW,
  writeAbout,
  writeChoice,
  writeDraft,
  writeShowsFirst,
  type Choice,
} from './draft';
import type { LiveTurn } from './turn.svelte';
import { dropQuestions, restoreQuestions } from './under_way';

/** How many chats are listed at a time. */
const PAGE = 100;
/** How many chats that are not in sight are kept as they are. */
const KEPT = 8;

/** Who is told what. */
export interface ChatListener {
  /** Something failed, which may mean that the host has gone. */
  failed(failure: unknown): void;
  /** The chat that is shown while none is chosen has got this id. */
  begun(id: string): void;
  /** An answer has come to its end, whatever that was. */
  ended(chat: Chat, turn: LiveTurn): void;
}

/** The host's list of conversations, the last changed first. */
export function chatList(host: Host): Pages<Session, string> {
  return new Pages(
    async (after) => {
      const page = await host.get('/v1/sessions', { query: { limit: PAGE, ...(after === null ? {} : { after }) } });
      return { items: page.sessions, next: page.next };
    },
    (session) => session.id,
  );
}

/** All conversations: the list, and those that are open. */
export class Chats {
  /** The host's list: those that are pinned, and then the last changed. */
  readonly list: Pages<Session, string>;
  // Not reactive: what opens a chat may be a derivation, and a chat tells of its changes itself. The last used stands last.
  private readonly open = new Map<string, Chat>();
  private readonly working = new SvelteSet<string>();
  private fresh = $state.raw<Chat>() as Chat;
  private shown: string | null = null;

  constructor(
    private readonly host: Host,
    private readonly listener: ChatListener,
  ) {
    this.list = chatList(host);
    this.fresh = new Chat(null);
    restoreQuestions((chat) => (chat === NEW ? this.fresh : this.open.get(chat))?.readKept());
  }

  /** The conversation with an id, or the one that has not begun. */
  get(id: string | null): Chat {
    if (id === null) return this.fresh;
    let chat = this.open.get(id);
    if (!chat) this.open.set(id, (chat = new Chat(id)));
    return chat;
  }

  /** A conversation comes into sight. Its turns are loaded, again as well: other pages and programs may have changed it. */
  async enter(id: string | null): Promise<void> {
    this.shown = id;
    if (id === null) return;
    const chat = this.get(id);
    this.open.delete(id);
    this.open.set(id, chat);
    this.letGo();
    await this.renew(chat);
  }

  /**
   * Loads the turns of a conversation, and follows the answers that are being made in it; that it failed to load is kept with
   * it.
   */
  async renew(chat: Chat): Promise<void> {
    await chat.load(this.host).catch((failure: unknown) => this.listener.failed(failure));
    for (const turn of chat.turns) if (turn.phase === 'elsewhere') void this.follow(chat, turn);
  }

  /** Follows an answer that was asked for before the page was loaded, or by another one. */
  private async follow(chat: Chat, turn: LiveTurn): Promise<void> {
    const { id } = chat;
    if (id === null) return;
    this.working.add(id);
    try {
      if (!(await chat.follow(this.host, turn))) return;
      this.listener.ended(chat, turn);
    } finally {
      if (!chat.isRunning) this.working.delete(id);
    }
    await this.list.renew();
  }

  /** Stops the answers of a conversation that come to this page. */
  async stop(chat: Chat): Promise<void> {
    await chat.stop(this.host).catch((failure: unknown) => this.listener.failed(failure));
  }

  /**
   * The conversation with an id, with its turns.
   * @throws when they cannot be loaded
   */
  async load(id: string): Promise<Chat> {
    const chat = this.get(id);
    await chat.load(this.host);
    return chat;
  }

  /**
   * When the host is there, again as well, or has changed what it stored: what it knows now counts, but for answers under
   * way.
   */
  async reload(): Promise<void> {
    this.letGo(0);
    const isFirst = this.list.items === null;
    let shown = this.shown === null ? undefined : this.open.get(this.shown);
    if (isFirst && shown?.loaded) shown = undefined;
    await Promise.all([this.list.load().then(() => this.tell()), shown && this.renew(shown)]);
  }

  /** Puts a question where a new conversation is typed, once, below what stands there. */
  suggest(question: string): void {
    const { draft } = this.fresh;
    if (!draft.includes(question)) this.fresh.type(joined(draft, question));
  }

  /**
   * Waits until the files are there that what is typed is about.
   * @returns whether it can be sent
   */
  async ready(chat: Chat): Promise<boolean> {
    if (chat.isWaiting) return false;
    if (!chat.about.isComing) return !chat.about.hasFailed;
    chat.isWaiting = true;
    const isThere = await chat.about.settled();
    // Meanwhile it may have been stopped.
    const isWanted = chat.isWaiting;
    chat.isWaiting = false;
    return isThere && isWanted;
  }

  /** Sends what is typed in a conversation, once the files are there that it is about. */
  async send(chat: Chat): Promise<void> {
    if (chat.about.things.length > 0 && !(await this.ready(chat))) return;
    const question = chat.draft.trim();
    if (question === '' || chat.isRunning) return;
    const answered = this.ask(chat, question, undefined, chat.about.take());
    // By now the question is kept as one that is under way.
    chat.type('');
    await answered;
  }

  /** Asks in a new conversation, also while the question of another new one has not arrived. What is typed stays. */
  askAnew(question: string): Promise<void> {
    if (this.fresh.isRunning) {
      const next = new Chat(null);
      next.adopt(this.fresh.about);
      this.fresh.draft = '';
      this.fresh.about = new About();
      this.fresh = next;
      next.choose(ANYONE);
    }
    return this.ask(this.fresh, question);
  }

  /**
   * Asks in a conversation, unless it is being answered to this page; in the place of a turn and those after it, if one is
   * given. What is typed stays.
   */
  async ask(chat: Chat, question: string, replaced?: LiveTurn, about: Mention[] = []): Promise<void> {
    if (chat.isRunning) return;
    let session = chat.id;
    if (session !== null) this.working.add(session);
    try {
      const onstarted = (started: string): void => {
        if (session === null) this.begun(chat, (session = started));
        void this.list.renew();
      };
      const turn = await chat.ask(this.host, question, onstarted, replaced, about);
      this.listener.ended(chat, turn);
      // It may go on, and only its telling has ended.
      if (turn.isCutOff && turn.phase === 'failed') void this.renew(chat);
    } catch (failure) {
      const isUnwanted = isAborted(failure);
      const to = session === null ? this.fresh : chat;
      // What was to stay on this machine is not to be sent elsewhere from where it stands now.
      if (to !== chat && chat.choice.onlyLocal) to.choose(chat.choice);
      const isAsBefore = replaced !== undefined && question === replaced.question && isSame(about, replaced.about);
      if (isAsBefore) to.refuse(isUnwanted ? null : failure);
      else to.takeBack(question, about, isUnwanted ? null : failure);
      if (!isUnwanted) this.listener.failed(failure);
      if (failure instanceof HostError && failure.code === 'not-found') void to.about.check(this.host);
    } finally {
      if (session !== null) this.working.delete(session);
    }
    await this.list.renew();
    this.tell();
  }

  /**
   * Changes a conversation; one that has not begun keeps it for its first question.
   * @throws what the host says
   */
  async change(chat: Chat, choice: Partial<Choice>): Promise<void> {
    if (chat.id === null) return chat.choose({ ...chat.choice, ...choice });
    // What is not chosen now may have been changed elsewhere.
    await this.edit(chat.id, {
      ...(choice.model === undefined ? {} : { model: choice.model ?? '' }),
      ...(choice.onlyLocal === undefined ? {} : { only_local: choice.onlyLocal }),
    });
  }

  /** Changes what the host keeps of a conversation. */
  async edit(id: string, body: EditSession): Promise<void> {
    const changed = await this.host.patch('/v1/sessions/{id}', { path: { id }, body });
    this.list.change((sessions) => sessions.map((session) => (session.id === id ? changed : session)));
    this.open.get(id)?.settle(changed);
    // Others stand first now.
    if (body.pinned !== undefined) await this.list.load();
  }

  /**
   * Begins a conversation with the turns of another, through one of them or all.
   * @returns its id
   */
  async fork(id: string, through?: LiveTurn): Promise<string> {
    const body = through?.id ? { through: through.id } : {};
    const fork = await this.host.post('/v1/sessions/{id}/fork', { path: { id }, body });
    await this.list.renew();
    return fork.id;
  }

  /** Brings back what a turn of a conversation took the place of. */
  async restore(chat: Chat, turn: LiveTurn): Promise<void> {
    await chat.restore(this.host, turn);
    await this.list.renew();
  }

  async remove(id: string): Promise<void> {
    await this.open.get(id)?.stop(this.host);
    await this.host.delete('/v1/sessions/{id}', { path: { id } });
    this.list.change((sessions) => sessions.filter((session) => session.id !== id));
    this.open.delete(id);
    forgetChat(id);
    dropQuestions(id);
  }

  /** Whether an answer in it comes to this page. */
  isWorking(id: string): boolean {
    return this.working.has(id);
  }

  private begun(chat: Chat, session: string): void {
    chat.id = session;
    chat.title = chat.turns[0]?.question ?? '';
    this.working.add(session);
    this.open.set(session, chat);
    if (this.fresh !== chat) return;
    writeDraft(NEW, '');
    writeDraft(session, chat.draft);
    writeAbout(NEW, []);
    writeAbout(session, chat.about.mentions);
    writeShowsFirst(NEW, false);
    writeShowsFirst(session, chat.showsFirst);
    writeChoice(ANYONE);
    this.fresh = new Chat(null);
    this.listener.begun(session);
  }

  /** Lets those go that were not in sight for longest. They are loaded again when they come into sight. */
  private letGo(kept = KEPT): void {
    const idle = [...this.open].filter(([id, chat]) => id !== this.shown && chat.isIdle);
    for (const [id] of idle.slice(0, Math.max(0, idle.length - kept))) this.open.delete(id);
  }

  private tell(): void {
    if (this.list.failure) this.listener.failed(this.list.failure);
  }
}
