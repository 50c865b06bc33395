/** A page of a list, and where the next one begins. */
export interface ListPage<T, C> {
  items: T[];
  next?: C | null | undefined;
}

/**
 * A list that comes page by page. Only one page is asked for at a time, what is asked anew makes earlier answers void, and
 * nothing stands in it twice, though what is listed moves between two pages.
 */
export class Pages<T, C> {
  /** What has come; null: nothing yet. */
  items = $state.raw<T[] | null>(null);
  /** Why the list could not be loaded. */
  failure = $state.raw<unknown>(null);
  private next = $state.raw<C | null>(null);
  private generation = 0;
  private asking: Promise<void> | null = null;

  /**
   * @param fetch gives the page that begins there, the first one for null
   * @param keyOf gives what tells one from the other
   */
  constructor(
    private readonly fetch: (from: C | null) => Promise<ListPage<T, C>>,
    private readonly keyOf: (item: T) => PropertyKey,
  ) {}

  get hasMore(): boolean {
    return this.next !== null;
  }

  /** Loads as much as was there anew. What was there stays until then, and when it fails. */
  async load(): Promise<void> {
    await this.anew(async (isVoid) => {
      const wanted = this.items?.length ?? 0;
      let { items, next } = await this.fetch(null);
      while (next !== null && next !== undefined && items.length < wanted && !isVoid()) {
        const page = await this.fetch(next);
        items = this.joined(items, page.items);
        next = page.next;
      }
      return { items, next };
    });
  }

  /** Loads the first page anew; what stood behind it stays behind it. */
  async renew(): Promise<void> {
    await this.anew(async () => {
      const first = await this.fetch(null);
      const last = first.items.at(-1);
      const isAll = first.next === null || first.next === undefined;
      if (isAll || this.items === null || last === undefined) return first;
      const end = this.items.findIndex((item) => this.keyOf(item) === this.keyOf(last));
      const items = this.joined(first.items, this.items.slice(end + 1));
      return { items, next: items.length > first.items.length ? this.next : first.next };
    });
  }

  /**
   * Loads the next page, if there is one.
   * @throws what `fetch` throws
   */
  more(): Promise<void> {
    this.asking ??= this.askMore().finally(() => (this.asking = null));
    return this.asking;
  }

  /**
   * Loads all pages that are missing.
   * @throws as `more`
   */
  async all(): Promise<void> {
    while (this.hasMore) await this.more();
  }

  /** Changes what is there, without asking. */
  change(changed: (items: T[]) => T[]): void {
    if (this.items) this.items = changed(this.items);
  }

  private async anew(ask: (isVoid: () => boolean) => Promise<ListPage<T, C>>): Promise<void> {
    const generation = ++this.generation;
    const isVoid = (): boolean => generation !== this.generation;
    try {
      const { items, next } = await ask(isVoid);
      if (isVoid()) return;
      this.items = items;
      this.next = next ?? null;
      this.failure = null;
    } catch (failure) {
      if (!isVoid()) this.failure = failure;
    }
  }

  private async askMore(): Promise<void> {
    const { generation, next } = this;
    if (next === null) return;
    const page = await this.fetch(next);
    if (generation !== this.generation) return;
    this.items = this.joined(this.items ?? [], page.items);
    this.next = page.next ?? null;
  }

  private joined(first: T[], second: T[]): T[] {
    const known = new Set(first.map(this.keyOf));
    return [...first, ...second.filter((item) => !known.has(this.keyOf(item)))];
  }
}
