import type { Host } from '../../../ui/src/backend/host';
import type { Citation, SavedPage } from '../../../ui/src/backend/types';
import { toasts } from '../../../ui/src/components/toasts.svelte';
import type { Browsing } from '../../../ui/src/backend/backend';
import type { Chats } from '../../../ui/src/features/chat/chats.svelte';
import type { Chat } from '../../../ui/src/features/chat/chat.svelte';
import { overlap } from '../../../ui/src/features/preview/place';
import { router } from '../../../ui/src/routes/router.svelte';
import type { Question, Wish } from '../background/wishes';
import { texts } from '../i18n/texts.svelte';
import { textFragment } from '../page/fragment';
import { pageFile } from './page_file';
import type { OpenPage } from './open_page.svelte';
import { read, show } from './reading';
import { keepSource, sourceOf } from './sources';

/** The id of an attachment in its path as a document. */
const ATTACHMENT = /^\/ambit\/attachments\/([^/]+)/;

/** What the panel does with pages. */
export class Pages implements Browsing {
  isReading = $state(false);
  /** Whether the last page that was read is longer than what was taken of it. */
  isCut = $state(false);
  /** What is saved of the page. */
  saved = $state.raw<SavedPage[]>([]);

  constructor(
    private readonly host: Host,
    private readonly chats: Chats,
    private readonly page: OpenPage,
  ) {}

  /**
   * Has the next question be about the page, and asks it where it is given.
   * @throws why the page cannot be read
   */
  async about(question: Question | null = null): Promise<void> {
    const { tab, url } = this.page;
    if (tab === null || this.page.obstacle !== null) return;
    this.isReading = true;
    try {
      const { title, markdown, isCut } = await read(tab);
      if (markdown.trim() === '') throw new Error(texts.t.page.empty);
      this.isCut = isCut;
      const content = { title: title || this.page.title, url: url?.href ?? '', markdown };
      await this.attach(pageFile(content, new Date()), tab, question);
    } finally {
      this.isReading = false;
    }
  }

  /**
   * Saves the page, so that it is found from now on.
   * @throws why the page cannot be read, or what the host says
   */
  async save(): Promise<void> {
    const { tab, url } = this.page;
    if (tab === null || url === null || this.page.obstacle !== null) return;
    this.isReading = true;
    try {
      const { title, markdown } = await read(tab);
      const page = { url: url.href, title: title || this.page.title, text: markdown, is_selection: false };
      const saved = await this.host.post('/v1/pages', { body: page });
      const t = texts.t.saving;
      const told = saved.change === 'changed' ? t.changed : saved.change === 'same' ? t.same : t.saved;
      toasts.say(told(saved.title));
      await this.look();
    } finally {
      this.isReading = false;
    }
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

  /** Finds out what is saved of the page that is in front. */
  async look(): Promise<void> {
    const { url } = this.page;
    if (url === null || this.page.obstacle === 'closed') {
      this.saved = [];
      return;
    }
    const { pages } = await this.host.get('/v1/pages', { query: { url: url.href } });
    if (this.page.url?.href === url.href) this.saved = pages;
  }

  /** Does what was chosen in a menu, by keys or in the address bar. */
  async fulfil(wish: Wish): Promise<void> {
    if (wish.kind === 'question') return this.chats.suggest(wish.text);
    await this.page.renew();
    if (wish.kind === 'page') return this.about(wish.question);
    if (this.page.obstacle === 'risky') throw new Error(texts.t.page.risky(this.page.site));
    const title = `${texts.t.page.selection} – ${this.page.title}`;
    const content = { title, url: this.page.url?.href ?? '', markdown: wish.text };
    await this.attach(pageFile(content, new Date()), wish.tab, wish.question);
  }

  async show({ document, path, span }: Citation): Promise<boolean> {
    const [, attachment] = ATTACHMENT.exec(path) ?? [];
    const source = attachment === undefined ? null : await sourceOf(chrome.storage.session, attachment);
    if (!source) return false;
    const { passages } = await this.host.get('/v1/documents/{id}', { path: { id: document } });
    const passage = passages.find((one) => overlap(one.span, span))?.text;
    if (passage === undefined) return false;
    const tab = await chrome.tabs.get(source.tab).catch(() => null);
    if (tab === null) {
      // Who closed the page wants to see it again, and the browser looks for the words.
      await chrome.tabs.create({ url: textFragment(source.url, passage) });
      return true;
    }
    const isShown = await show(source.tab, passage).catch(() => false);
    if (isShown) await chrome.tabs.update(source.tab, { active: true });
    return isShown;
  }

  private async attach(file: File, tab: number, question: Question | null): Promise<void> {
    const chat = this.shownChat();
    chat.about.attach(this.host, { files: [file], leftOut: 0, isMore: false });
    const thing = chat.about.things.find((one) => one.file === file);
    await chat.about.settled();
    if (thing?.mention?.kind !== 'attachment') return;
    await keepSource(chrome.storage.session, thing.mention.id, { tab, url: this.page.url?.href ?? '' });
    if (question === null) return void document.getElementById('question')?.focus();
    chat.type(texts.t.actions.questions[question]);
    await this.chats.send(chat);
  }

  private shownChat(): Chat {
    if (router.current.view !== 'chat') router.go('chat');
    return this.chats.get(router.current.id);
  }
}
