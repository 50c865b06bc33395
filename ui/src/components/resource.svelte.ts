/** Something that is fetched: its value, or why it is not there. A later value takes the place of an earlier one. */
export class Resource<T> {
  value = $state.raw<T | null>(null);
  failure = $state.raw<unknown>(null);
  private latest = 0;

  constructor(private readonly fetch: () => Promise<T>) {}

  /** Fetches it, again as well. What was there stays until then. */
  async load(): Promise<void> {
    const number = ++this.latest;
    try {
      const value = await this.fetch();
      if (number !== this.latest) return;
      this.value = value;
      this.failure = null;
    } catch (failure) {
      if (number === this.latest) this.failure = failure;
    }
  }
}
