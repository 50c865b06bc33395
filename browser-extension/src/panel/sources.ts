/** The page that an attachment was read from. */
export interface PageSource {
  tab: number;
  url: string;
  /** What of the page was asked about, word for word; empty where that is all of it, or nothing stands there. */
  passage: string;
}

/** The part of the browser's storage that lasts as long as the browser runs, as the numbers of tabs do. */
export interface SourceStore {
  get(key: string): Promise<Record<string, unknown>>;
  set(items: Record<string, unknown>): Promise<void>;
}

const KEY = 'source.';

/** Remembers which page an attachment is of. */
export async function keepSource(store: SourceStore, attachment: string, source: PageSource): Promise<void> {
  await store.set({ [KEY + attachment]: source });
}

/** The page that an attachment is of; null when it was not read from one since the browser started. */
export async function sourceOf(store: SourceStore, attachment: string): Promise<PageSource | null> {
  const key = KEY + attachment;
  const { tab, url, passage } = ((await store.get(key))[key] ?? {}) as Partial<Record<keyof PageSource, unknown>>;
  if (typeof tab !== 'number' || typeof url !== 'string') return null;
  return { tab, url, passage: typeof passage === 'string' ? passage : '' };
}
