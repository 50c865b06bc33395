import { isAborted } from '../../backend/backend';
import type { Host } from '../../backend/host';
import type { Mention, Mentionable } from '../../backend/types';
import type { IconName } from '../../components/Icon.svelte';
import { splitPath } from '../preview/place';
import { nameOf } from './mention';
import { mentionAt, type MentionQuery } from './mention_query';

/** Something that can be mentioned. */
export interface Option {
  mention: Mention;
  icon: IconName;
  label: string;
  detail: string;
}

/** How long one must rest before the host is asked, in milliseconds. */
const REST = 120;

/** What is offered while one types an `@` with the beginning of a name. */
export class Mentioning {
  query = $state.raw<MentionQuery | null>(null);
  options = $state.raw<Option[]>([]);
  chosen = $state(0);
  /** Whether the options are of what stands there now. */
  private isFresh = false;
  /** Where an `@` stands of which nobody wants a list any more. */
  private closed: number | null = null;
  private abort: AbortController | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  /** What waits for the options. */
  private waiting: ((option: Option | undefined) => void) | null = null;

  constructor(
    private readonly host: Host,
    private readonly listener: { failed: (failure: unknown) => void; has: (mention: Mention) => boolean },
  ) {}

  get isOpen(): boolean {
    return this.query !== null && this.options.length > 0;
  }

  /** Whether an `@` is being typed whose options have not come. */
  get isPending(): boolean {
    return this.query !== null && !this.isFresh;
  }

  /** Looks at the text, and where the caret is. */
  look(text: string, caret: number): void {
    const query = mentionAt(text, caret);
    if (query?.from !== this.closed) this.closed = null;
    if (query === null || this.closed !== null) return this.end();
    if (this.query?.from === query.from && this.query.text === query.text) return;
    if (this.query === null) this.options = [];
    this.query = query;
    this.isFresh = false;
    this.waiting = null;
    this.abort?.abort();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.fetch(query.text), query.text === '' ? 0 : REST);
  }

  move(by: 1 | -1): void {
    const { length } = this.options;
    this.chosen = (this.chosen + by + length) % length;
  }

  /** Gives the option that is chosen, once it is known; undefined when there is none. */
  take(taken: (option: Option | undefined) => void): void {
    if (this.isFresh) taken(this.options[this.chosen]);
    else this.waiting = taken;
  }

  /** Offers nothing more for this `@`. */
  close(): void {
    this.closed = this.query?.from ?? null;
    this.end();
  }

  end(): void {
    this.query = null;
    this.options = [];
    this.waiting = null;
    this.abort?.abort();
    clearTimeout(this.timer);
  }

  private async fetch(text: string): Promise<void> {
    const abort = (this.abort = new AbortController());
    try {
      const found = await this.host.get('/v1/mentions', { query: { text }, signal: abort.signal });
      if (abort.signal.aborted) return;
      this.options = optionsOf(found).filter(({ mention }) => !this.listener.has(mention));
    } catch (failure) {
      if (isAborted(failure)) return;
      this.options = [];
      this.listener.failed(failure);
    }
    this.chosen = 0;
    this.isFresh = true;
    const { waiting } = this;
    this.waiting = null;
    waiting?.(this.options[0]);
  }
}

function optionsOf({ places, memories }: Mentionable): Option[] {
  return [
    ...places.flatMap((mention): Option[] => {
      if (!('path' in mention)) return [];
      const icon = mention.kind === 'folder' ? 'folder' : 'file';
      return [{ mention, icon, label: nameOf(mention), detail: splitPath(mention.path).folder }];
    }),
    ...memories.map(({ id, text }): Option => ({
      mention: { kind: 'memory', id },
      icon: 'memory',
      label: text,
      detail: '',
    })),
  ];
}
