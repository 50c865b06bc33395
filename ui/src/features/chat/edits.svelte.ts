import { SvelteMap } from 'svelte/reactivity';
import type { Mention } from '../../backend/types';
import { About } from '../about/about.svelte';
import { readEdits, writeEdits } from './draft';
import type { LiveTurn } from './turn.svelte';

/** A question that is being put in other words. */
export class Edit {
  question = $state('');
  readonly about: About;

  constructor(
    question: string,
    about: Mention[],
    private readonly keep: () => void,
  ) {
    this.question = question;
    this.about = new About(about, keep);
  }

  type(text: string): void {
    this.question = text;
    this.keep();
  }

  /** Whether it can be asked as it stands. */
  get isReady(): boolean {
    return this.question.trim() !== '' && !this.about.isComing && !this.about.hasFailed;
  }
}

/** The questions of a chat that are being put in other words. They outlive the page, as what is typed does. */
export class Edits {
  private readonly open = new SvelteMap<string, Edit>();

  /** @param chat gives the id of the chat, null while it has none */
  constructor(private readonly chat: () => string | null) {
    const id = chat();
    if (id === null) return;
    for (const [turn, { question, about }] of readEdits(id)) this.open.set(turn, this.edit(question, about));
  }

  of(turn: LiveTurn): Edit | null {
    return turn.id === null ? null : (this.open.get(turn.id) ?? null);
  }

  begin(turn: LiveTurn): void {
    if (turn.id === null) return;
    this.open.set(turn.id, this.edit(turn.question, turn.about));
    this.write();
  }

  end(turn: LiveTurn): void {
    if (turn.id !== null && this.open.delete(turn.id)) this.write();
  }

  private edit(question: string, about: Mention[]): Edit {
    return new Edit(question, about, () => this.write());
  }

  private write(): void {
    const id = this.chat();
    if (id === null) return;
    const all = [...this.open].map(
      ([turn, { question, about }]) => [turn, { question, about: about.mentions }] as const,
    );
    writeEdits(id, new Map(all));
  }
}
