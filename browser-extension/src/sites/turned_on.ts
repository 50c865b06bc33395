const KEY = 'turned-on';

/** The part of the browser's storage that keeps choices. */
export interface ChoiceStore {
  get(key: string): Promise<Record<string, unknown>>;
  set(items: Record<string, unknown>): Promise<void>;
}

/** The sites for money, health or mail that a person has let be read, by their hosts. */
export async function turnedOn(store: ChoiceStore): Promise<string[]> {
  const kept = (await store.get(KEY))[KEY];
  return Array.isArray(kept) ? kept.filter((host): host is string => typeof host === 'string') : [];
}

/** Lets a site be read, or no more. */
export async function turn(store: ChoiceStore, host: string, on: boolean): Promise<void> {
  const others = (await turnedOn(store)).filter((known) => known !== host);
  await store.set({ [KEY]: on ? [...others, host] : others });
}
