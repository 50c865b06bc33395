/** A prompt of a person's own: what is asked of a page or a selection with one click. */
export interface Prompt {
  id: string;
  /** What menus show. */
  name: string;
  /** What is asked. */
  instruction: string;
}

/** How many there may be: a menu of more is no shortcut any more. */
export const MOST_PROMPTS = 30;
/** The longest name, in characters: what a menu shows on one line. */
export const LONGEST_NAME = 60;
/** The longest instruction, in characters: half of what the host takes as a question, which something may be typed beside. */
export const LONGEST_INSTRUCTION = 4000;

/** Why a prompt cannot be kept as it is. */
export type Fault = 'no-name' | 'long-name' | 'same-name' | 'no-instruction' | 'long-instruction' | 'too-many';

/** A name as menus show it: on one line. */
export function tidyName(name: string): string {
  return name.replace(/\s+/g, ' ').trim();
}

/** Why a prompt cannot be among these, in the place of the one with its id; null when it can. */
export function faultOf({ id, name, instruction }: Prompt, prompts: readonly Prompt[]): Fault | null {
  const others = prompts.filter((other) => other.id !== id);
  const [shown, asked] = [tidyName(name), instruction.trim()];
  if (shown === '') return 'no-name';
  if (lengthOf(shown) > LONGEST_NAME) return 'long-name';
  if (others.some((other) => isSameName(other.name, shown))) return 'same-name';
  if (asked === '') return 'no-instruction';
  if (lengthOf(asked) > LONGEST_INSTRUCTION) return 'long-instruction';
  return others.length >= MOST_PROMPTS ? 'too-many' : null;
}

/** The prompts with one more, or with one changed. */
export function withPrompt(prompts: readonly Prompt[], { id, name, instruction }: Prompt): Prompt[] {
  const prompt = { id, name: tidyName(name), instruction: instruction.trim() };
  const isKnown = prompts.some((other) => other.id === id);
  return isKnown ? prompts.map((other) => (other.id === id ? prompt : other)) : [...prompts, prompt];
}

/** The prompts without one. */
export function withoutPrompt(prompts: readonly Prompt[], id: string): Prompt[] {
  return prompts.filter((other) => other.id !== id);
}

/** The prompts with one moved by so many places, as far as there are any. */
export function movedPrompt(prompts: readonly Prompt[], id: string, by: number): Prompt[] {
  const at = prompts.findIndex((prompt) => prompt.id === id);
  const moved = prompts[at];
  if (!moved) return [...prompts];
  const rest = withoutPrompt(prompts, id);
  return rest.toSpliced(Math.min(Math.max(at + by, 0), rest.length), 0, moved);
}

/** The prompts in what was kept, which may be of another version: what is none is passed over. */
export function promptsIn(kept: unknown): Prompt[] {
  const prompts: Prompt[] = [];
  for (const one of Array.isArray(kept) ? (kept as unknown[]) : []) {
    const prompt = promptIn(one);
    if (prompt && !prompts.some(({ id }) => id === prompt.id) && faultOf(prompt, prompts) === null)
      prompts.push(prompt);
  }
  return prompts;
}

function promptIn(kept: unknown): Prompt | null {
  const { id, name, instruction } = (kept ?? {}) as Partial<Record<keyof Prompt, unknown>>;
  const isPrompt = typeof id === 'string' && typeof name === 'string' && typeof instruction === 'string';
  return isPrompt ? { id, name, instruction } : null;
}

function isSameName(one: string, other: string): boolean {
  return one.localeCompare(other, undefined, { sensitivity: 'accent' }) === 0;
}

/** Characters as people count them, near enough: signs of two code units are one. */
function lengthOf(text: string): number {
  return Array.from(text).length;
}
