import type { Host } from '../../../ui/src/backend/host';
import type { Citation, SavedPage } from '../../../ui/src/backend/types';
import { explained } from '../../../ui/src/components/failure';
import { toasts } from '../../../ui/src/components/toasts.svelte';
import type { Browsing } from '../../../ui/src/backend/backend';
import type { Chats } from '../../../ui/src/features/chat/chats.svelte';
import type { Chat } from '../../../ui/src/features/chat/chat.svelte';
import { joined } from '../../../ui/src/features/chat/draft';
import { overlap } from '../../../ui/src/features/preview/place';
import { router } from '../../../ui/src/routes/router.svelte';
import type { Asked, Place, Wish } from '../background/wishes';
import { countFacts, withFacts } from '../data/things_written';
import { texts } from '../i18n/texts.svelte';
import { LONGEST_ADDRESS } from '../page/address_length';
import { textFragment } from '../page/fragment';
import type { OwnPrompts } from '../prompts/own_prompts.svelte';
import { imagePart, linkPart, selectedPart, selectionToKeep, type AskedPart } from './asked_parts';
import { chooseFacts, keepsFacts as keepsFactsOf } from './facts_choice';
import { takesImages } from './image_model';
import { pageOf, refuseOff, type OpenPage } from './open_page.svelte';
import { distinctTitles, pageFile } from './page_file';
import { readTab, within, type ReadPage } from './read_tab';
import { show } from './reading';
import { keepSource, sourceOf, type PageSource } from './sources';

/** The id of an attachment in its path as a document. */
const ATTACHMENT = /^\/ambit\/attachments\/([^/]+)/;

/** A file that is asked about, and the page that it is of, so that what is cited of it can be shown there. */
interface AskedFile {
  file: File;
  source: PageSource | null;
}

/** What the panel does with pages. */
export class Pages implements Browsing {
  private readings = $state(0);
  readonly isReading = $derived(this.readings > 0);
  /** Whether the last page that was read is longer than what was taken of it. */
  isCut = $state(false);
  /** What is saved of the page. */
  saved = $state.raw<SavedPage[]>([]);
  /** The page that was saved last without its facts, while it is to be said whether they are kept. */
  private offer = $state.raw<{ url: string; count: number } | null>(null);
  /** How many facts the page states for machines that may be kept with it; 0 where nothing is to be said. */
  readonly offeredFacts = $derived.by(() => (this.offer?.url === this.page.url?.href ? (this.offer?.count ?? 0) : 0));
  /** Whether such facts are kept with pages; null while that was not said. */
  keepsFacts = $state<boolean | null>(null);

  constructor(
    private readonly host: Host,
    private readonly chats: Chats,
    private readonly page: OpenPage,
    private readonly prompts: OwnPrompts,
    /** The model that answers where none is chosen; null: none does. */
    private readonly model: () => string | null,
    /** Puts the chat where it is seen. */
    private readonly showChat: () => void,
  ) {}

  /**
   * Has the next question be about the page, and asks it where it is given.
   * @throws why the page cannot be read, or that the prompt is gone
   */
  about(asked: Asked | null = null): Promise<void> {
    return this.reading(async () => {
      const { tab } = this.page;
      if (tab !== null && this.page.obstacle === null) await this.aboutTab(tab, await this.questionOf(asked));
    });
  }

  /**
   * Has the next question be about what is selected in the page.
   * @throws that nothing is, or why the page cannot be read
   */
  aboutSelection(): Promise<void> {
    return this.reading(async () => {
      const { tab, url, title, obstacle } = this.page;
      if (tab === null || obstacle !== null) return;
      await this.attachPart(await selectedPart(tab, { url: url?.href ?? '', title }, null, true), tab, '');
    });
  }

  /**
   * Has the next question be about the pages of several tabs, beside each other, and asks it where it is given and all could be
   * read. Which could not is told.
   * @throws that there is no room for them, or why none could be read
   */
  aboutSeveral(tabs: readonly number[], question: string): Promise<void> {
    return this.reading(async () => {
      const { room } = this.shownChat().about;
      if (room < tabs.length) throw new Error(texts.t.tabs.noRoom(room));
      const pages: ReadPage[] = [];
      const failures: string[] = [];
      for (const tab of tabs) {
        try {
          pages.push(await within(readTab(tab)));
        } catch (failure) {
          failures.push(texts.t.tabs.notRead(await this.nameOf(tab), explained(failure)));
        }
      }
      if (pages.length === 0) throw new Error(failures.join(' '));
      const titles = distinctTitles(
        pages.map(({ content, shown }) => content ?? { title: shown.title, url: shown.url?.href ?? '' }),
      );
      const files = pages.map((page, at) => this.fileOf(page, titles[at]));
      await this.attach(files, question, failures.length === 0);
      for (const failure of failures) toasts.fail(new Error(failure));
    });
  }

  /**
   * Saves the page, so that it is found from now on.
   * @throws why the page cannot be read, or what the host says
   */
  async save(): Promise<void> {
    const { tab } = this.page;
    if (tab !== null && this.page.obstacle === null) await this.reading(() => this.saveTab(tab));
  }

  /**
   * Saves what is selected in the page, so that it is found from now on.
   * @throws that nothing is, why the page cannot be read, or what the host says
   */
  async saveSelection(): Promise<void> {
    const { tab, url, title, obstacle } = this.page;
    if (tab === null || obstacle !== null) return;
    await this.reading(() => this.saveSelectionOf(tab, { url: url?.href ?? '', title }, null));
  }

  /**
   * Keeps what pages state for machines with those that are saved from now on, or not; with the one that has just been saved as well.
   * @throws as `save`
   */
  async chooseFacts(keep: boolean): Promise<void> {
    const count = this.offeredFacts;
    await chooseFacts(chrome.storage.local, keep);
    this.keepsFacts = keep;
    this.offer = null;
    if (!keep || count === 0) return;
    const { tab } = this.page;
    if (tab === null || this.page.obstacle !== null) return;
    await this.reading(() => this.keep(tab));
    toasts.say(texts.t.saving.factsKept(count));
  }

  /**
   * Removes what is saved of the page.
   * @throws what the host says
   */
  async unsave(): Promise<void> {
    for (const { path } of this.saved) await this.host.delete('/v1/pages', { query: { path } });
    toasts.say(texts.t.saving.removed);
    await this.look();
  }

  /**
   * Finds out what is saved of the page that is in front.
   * @throws what the host says
   */
  async look(): Promise<void> {
    const { url } = this.page;
    this.saved = [];
    this.keepsFacts = await keepsFactsOf(chrome.storage.local);
    // What may not be read the host is not told of either.
    if (url === null || this.page.obstacle !== null) return;
    const { pages } = await this.host.get('/v1/pages', { query: { url: url.href } });
    if (this.page.url?.href === url.href) this.saved = pages;
  }

  /**
   * Does what was chosen in a menu, by keys or in the address bar.
   * @throws why the page that it is about cannot be read
   */
  async fulfil(wish: Exclude<Wish, { kind: 'related' }>): Promise<void> {
    if (wish.kind === 'question') return this.chats.suggest(wish.text);
    // What was chosen there is about that tab, whichever is in front by now.
    const { url, title, obstacle } = await pageOf(wish.tab);
    const t = texts.t.page;
    const question = await this.questionOf('question' in wish ? wish.question : null);
    if (obstacle === 'risky') throw new Error(t.risky(url?.hostname ?? ''));
    const place = 'place' in wish ? wish.place : undefined;
    const stayed = place === undefined || url === null || isSamePage(url.href.slice(0, LONGEST_ADDRESS), place.page);
    if (!stayed) throw new Error(texts.t.parts.moved);
    if (place?.frameAddress !== undefined) await refuseOff(URL.parse(place.frameAddress));
    // Of a link, a picture and a text the browser itself tells something, also where the page cannot be read.
    const needsPage = wish.kind === 'page' || wish.kind === 'selection' || (wish.kind === 'save' && wish.text === null);
    if (needsPage && obstacle !== null) throw new Error(obstacle === 'gesture' ? t.gesture : t.closed);
    await this.reading(() => this.begin(wish, { url: url?.href ?? place?.page ?? '', title }, question));
  }

  async show({ document, path, span }: Citation): Promise<boolean> {
    const [, attachment] = ATTACHMENT.exec(path) ?? [];
    const source = attachment === undefined ? null : await sourceOf(chrome.storage.session, attachment);
    if (!source) return false;
    const { passages } = await this.host.get('/v1/documents/{id}', { path: { id: document } });
    const cited = passages.find((one) => overlap(one.span, span))?.text;
    if (cited === undefined) return false;
    // What was written of a part of a page stands in no page, but the part itself does.
    const quoted = [cited, source.passage].filter((text) => text !== '');
    const { tab, url, obstacle } = await pageOf(source.tab);
    if (tab !== null && obstacle === null && isSamePage(url?.href ?? '', source.url)) {
      for (const passage of quoted) {
        if (!(await show(tab, passage).catch(() => false))) continue;
        await chrome.tabs.update(tab, { active: true });
        return true;
      }
      return false;
    }
    if (!/^https?:/.test(source.url)) return false;
    // The tab shows something else, or is closed: the page is opened again, and the browser looks for the words.
    await chrome.tabs.create({ url: textFragment(source.url, source.passage === '' ? cited : source.passage) });
    return true;
  }

  private async saveTab(tab: number): Promise<void> {
    const saved = await this.keep(tab);
    const t = texts.t.saving;
    const told = saved.change === 'changed' ? t.changed : saved.change === 'same' ? t.same : t.saved;
    toasts.say(told(saved.title));
  }

  /** Saves the page of a tab as it is now. */
  private async keep(tab: number): Promise<SavedPage> {
    const { content, isCut } = await within(readTab(tab));
    if (!content) throw new Error(texts.t.pdf.notSaved);
    this.isCut = isCut;
    const { url, title, markdown, things } = content;
    const keepsFacts = await keepsFactsOf(chrome.storage.local);
    const text = withFacts(markdown, things, keepsFacts ? texts.t.saving.facts : null);
    const saved = await this.host.post('/v1/pages', {
      body: { url, title, text, is_selection: false, things: keepsFacts ? things : [] },
    });
    await this.look();
    this.keepsFacts = keepsFacts;
    this.offer = keepsFacts === null ? { url, count: countFacts(things) } : null;
    return saved;
  }

  private async saveSelectionOf(
    tab: number,
    page: { url: string; title: string },
    text: string | null,
    place?: Place,
  ): Promise<void> {
    const { url, title, markdown, isCut } = await selectionToKeep(tab, page, text, place);
    const saved = await this.host.post('/v1/pages', {
      body: { url, title, text: markdown, is_selection: true, things: [] },
    });
    await this.look();
    const t = texts.t.saving;
    toasts.say(isCut ? t.selectionPartlySaved(saved.title) : t.selectionSaved(saved.title));
  }

  private async begin(
    wish: Exclude<Wish, { kind: 'question' | 'related' }>,
    page: { url: string; title: string },
    question: string,
  ): Promise<void> {
    const { tab } = wish;
    switch (wish.kind) {
      case 'page':
        return this.aboutTab(tab, question);
      case 'selection':
        return this.attachPart(await selectedPart(tab, page, null, question === ''), tab, question);
      case 'text':
        return this.attachPart(await selectedPart(tab, page, wish.text, question === '', wish.place), tab, question);
      case 'save':
        return wish.text === null ? this.saveTab(tab) : this.saveSelectionOf(tab, page, wish.text, wish.place);
      case 'link':
        return this.attachPart(await linkPart(wish, page), tab, question);
      case 'image': {
        const model = this.shownChat().choice.model ?? this.model();
        return this.attachPart(await imagePart(wish, page, await takesImages(this.host, model)), tab, question);
      }
    }
  }

  private async reading<T>(work: () => Promise<T>): Promise<T> {
    this.readings += 1;
    try {
      return await work();
    } finally {
      this.readings -= 1;
    }
  }

  /** The words of what is asked with a click; empty where it is still to be typed. */
  private async questionOf(asked: Asked | null): Promise<string> {
    if (asked === null) return '';
    return typeof asked === 'string' ? texts.t.actions.questions[asked] : this.prompts.instructionOf(asked.prompt);
  }

  private async aboutTab(tab: number, question: string): Promise<void> {
    const page = await within(readTab(tab));
    this.isCut = page.isCut;
    await this.attach([this.fileOf(page)], question);
  }

  /** A page or a PDF as the file that is handed over. */
  private fileOf({ content, pdf, shown: { tab } }: ReadPage, title = content?.title ?? ''): AskedFile {
    // The viewers of browsers let no passage be marked: what is cited of a PDF is shown as the host has read it.
    if (!content) return { file: pdf, source: null };
    const file = pageFile({ ...content, title }, new Date());
    return { file, source: { tab, url: content.url, passage: '' } };
  }

  private async attachPart(
    { content, passage, files, notice }: AskedPart,
    tab: number,
    question: string,
  ): Promise<void> {
    const file = pageFile(content, new Date());
    const others = files.map((other) => ({ file: other, source: null }));
    await this.attach([{ file, source: { tab, url: content.url, passage } }, ...others], question);
    if (notice !== null) toasts.say(notice);
  }

  /** Hands files over, and asks about them: at once, where there is a question that may be sent, and all are there. */
  private async attach(asked: AskedFile[], question: string, maySend = true): Promise<void> {
    const chat = this.shownChat();
    chat.about.attach(this.host, { files: asked.map(({ file }) => file), leftOut: 0, isMore: false });
    const { things } = chat.about;
    await chat.about.settled();
    const mentions = asked.map(({ file }) => things.find((thing) => thing.file === file)?.mention ?? null);
    for (const [at, mention] of mentions.entries()) {
      const source = asked[at]?.source;
      if (source && mention?.kind === 'attachment') await keepSource(chrome.storage.session, mention.id, source);
    }
    if (mentions.every((mention) => mention === null)) return;
    // Who is typing, or waits for an answer, sends it themselves.
    const isFree = chat.draft.trim() === '' && !chat.isRunning && !mentions.includes(null);
    if (question !== '') chat.type(joined(chat.draft, question));
    if (question !== '' && isFree && maySend) await this.chats.send(chat);
    else document.getElementById('question')?.focus();
  }

  private async nameOf(tab: number): Promise<string> {
    const { title, url } = await pageOf(tab);
    return title.trim() || (url?.hostname ?? texts.t.page.title);
  }

  private shownChat(): Chat {
    if (router.current.view !== 'chat') router.go('chat');
    this.showChat();
    return this.chats.get(router.current.id);
  }
}

/** Whether two addresses are of the same page, wherever in it. */
function isSamePage(one: string, other: string): boolean {
  return one.split('#')[0] === other.split('#')[0];
}
