import { promptsIn, type Prompt } from './prompt';

/** The name under which the browser keeps them. */
export const PROMPTS = 'prompts';

/** The part of the browser's storage that keeps them. */
export interface PromptStore {
  get(key: string): Promise<Record<string, unknown>>;
  set(items: Record<string, unknown>): Promise<void>;
}

/** The prompts that are kept, in the person's order. */
export async function keptPrompts(store: PromptStore): Promise<Prompt[]> {
  return promptsIn((await store.get(PROMPTS))[PROMPTS]);
}

/**
 * Keeps prompts in place of those that were.
 * @throws what the browser says; then those that were are still kept
 */
export async function keepPrompts(store: PromptStore, prompts: readonly Prompt[]): Promise<void> {
  await store.set({ [PROMPTS]: prompts });
}

/** Whether the browser refused to keep something because it has no room for it. */
export function isFull(failure: unknown): boolean {
  return /quota/i.test(failure instanceof Error ? `${failure.name} ${failure.message}` : String(failure));
}
