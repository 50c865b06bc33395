const KEY = 'keep-facts';

/** The part of the browser's storage that keeps choices. */
export interface FactsStore {
  get(key: string): Promise<Record<string, unknown>>;
  set(items: Record<string, unknown>): Promise<void>;
}

/** Whether facts that pages state for machines are kept with saved pages; null while the person has not said so. */
export async function keepsFacts(store: FactsStore): Promise<boolean | null> {
  const kept = (await store.get(KEY))[KEY];
  return typeof kept === 'boolean' ? kept : null;
}

/** Keeps them from now on, or not. */
export async function chooseFacts(store: FactsStore, keep: boolean): Promise<void> {
  await store.set({ [KEY]: keep });
}
