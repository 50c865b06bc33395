import { texts } from '../i18n/texts.svelte';
import { isFull, keepPrompts, keptPrompts, PROMPTS, type PromptStore } from './kept_prompts';
import {
  faultOf,
  LONGEST_INSTRUCTION,
  LONGEST_NAME,
  MOST_PROMPTS,
  movedPrompt,
  withoutPrompt,
  withPrompt,
  type Fault,
  type Prompt,
} from './prompt';

/** That a prompt cannot be kept, in words for the person who wrote it. */
export class PromptError extends Error {
  constructor(readonly fault: Fault) {
    super(saidOf(fault));
    this.name = 'PromptError';
  }
}

/** The prompts of the person, as the browser keeps them for all of its windows. */
export class OwnPrompts {
  all = $state.raw<Prompt[]>([]);

  constructor(private readonly store: PromptStore) {}

  /** Begins to watch them; gives what ends it. */
  watch(): () => void {
    const changed = (changes: Record<string, unknown>): void => {
      if (PROMPTS in changes) void this.load();
    };
    chrome.storage.local.onChanged.addListener(changed);
    void this.load();
    return () => chrome.storage.local.onChanged.removeListener(changed);
  }

  /**
   * What a prompt asks.
   * @throws when it was removed in the meantime
   */
  async instructionOf(id: string): Promise<string> {
    const prompt = (await keptPrompts(this.store)).find((known) => known.id === id);
    if (!prompt) throw new Error(texts.t.prompts.gone);
    return prompt.instruction;
  }

  /**
   * Keeps a prompt, new or changed.
   * @throws {PromptError} what is wrong with it; {Error} why the browser does not keep it. Then all stays as it was.
   */
  save(prompt: Prompt): Promise<void> {
    return this.change((prompts) => {
      const fault = faultOf(prompt, prompts);
      if (fault !== null) throw new PromptError(fault);
      return withPrompt(prompts, prompt);
    });
  }

  /**
   * Removes a prompt.
   * @throws why the browser does not keep that
   */
  remove(id: string): Promise<void> {
    return this.change((prompts) => withoutPrompt(prompts, id));
  }

  /**
   * Moves a prompt by so many places.
   * @throws why the browser does not keep that
   */
  move(id: string, by: number): Promise<void> {
    return this.change((prompts) => movedPrompt(prompts, id, by));
  }

  /** Changes what is kept now, which another window may have changed since it was shown here. */
  private async change(to: (prompts: Prompt[]) => Prompt[]): Promise<void> {
    await navigator.locks.request('ambit-prompts', async () => {
      const changed = to(await keptPrompts(this.store));
      await keepPrompts(this.store, changed).catch((failure: unknown) => {
        const t = texts.t.prompts;
        const reason = failure instanceof Error ? failure.message : String(failure);
        throw new Error(isFull(failure) ? t.full : t.notKept(reason));
      });
      this.all = changed;
    });
  }

  private async load(): Promise<void> {
    this.all = await keptPrompts(this.store);
  }
}

function saidOf(fault: Fault): string {
  const { faults } = texts.t.prompts;
  switch (fault) {
    case 'long-name':
      return faults[fault](LONGEST_NAME);
    case 'long-instruction':
      return faults[fault](LONGEST_INSTRUCTION);
    case 'too-many':
      return faults[fault](MOST_PROMPTS);
    default:
      return faults[fault];
  }
}
