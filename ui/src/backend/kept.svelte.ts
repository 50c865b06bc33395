/**
 * What the browser keeps for the page. It may refuse: its space may be used up, and a person may have forbidden it. Then what
 * is kept lasts as long as the page.
 */
class Kept {
  /** Whether something is not kept. */
  hasFailed = $state(false);
  private readonly instead = new Map<string, string | null>();

  constructor(private readonly area: () => Storage) {}

  get(key: string): string | null {
    const own = this.instead.get(key);
    return own === undefined ? this.tried(() => this.area().getItem(key), null) : own;
  }

  set(key: string, text: string): void {
    this.write(key, text, () => this.area().setItem(key, text));
  }

  remove(key: string): void {
    this.write(key, null, () => this.area().removeItem(key));
  }

  /** The keys of what earlier pages kept as well. */
  keys(): string[] {
    return this.tried(() => Object.keys(this.area()), []);
  }

  private write(key: string, text: string | null, write: () => void): void {
    const isKept = this.tried(() => (write(), true), false);
    if (isKept) this.instead.delete(key);
    else this.instead.set(key, text);
  }

  private tried<Value>(access: () => Value, otherwise: Value): Value {
    try {
      return access();
    } catch {
      // Who reads may be a derivation, which may change nothing.
      queueMicrotask(() => (this.hasFailed = true));
      return otherwise;
    }
  }
}

/** What outlives the page. */
export const kept = new Kept(() => localStorage);

/** What ends with the tab. */
export const keptInTab = new Kept(() => sessionStorage);
