import { HostError, isAborted, type Selected } from '../../backend/backend';
import type { Host } from '../../backend/host';
import { messagesFor, newMark, type Action } from './actions';

/** A little variety reads better, and more would change what a text says. */
const TEMPERATURE = 0.3;

// Control characters but line breaks and tabs, which some programs heed.
const UNSEEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

/** What a model makes of a text, as it comes. Nothing of it is kept by the host. */
export class Transformation {
  text = $state('');
  phase = $state<'writing' | 'finished' | 'stopped' | 'failed'>('writing');
  /** Whether the model had to end before it was done. */
  isCut = $state(false);
  failure = $state.raw<unknown>(null);
  private readonly abort = new AbortController();

  constructor(
    readonly action: Action,
    readonly selected: Selected,
    /** The model's name. */
    readonly model: string,
  ) {}

  /** Has the model write; `language` is that of the page, by its English name. */
  async run(host: Host, language: string): Promise<void> {
    const messages = messagesFor(this.action, this.selected.text, language, newMark());
    const body = { model: this.model, messages, stream: true, temperature: TEMPERATURE };
    try {
      for await (const chunk of host.begin('/v1/chat/completions', { body, signal: this.abort.signal })) {
        if ('error' in chunk) throw new HostError('internal', (chunk.error as { message: string }).message);
        const step = chunk.choices[0];
        this.text += step?.delta.content ?? '';
        if (step?.finish_reason === 'length') this.isCut = true;
      }
      this.phase = 'finished';
    } catch (failure) {
      this.phase = isAborted(failure) ? 'stopped' : 'failed';
      if (this.phase === 'failed') this.failure = failure;
    }
  }

  /** Gives up what is not written yet. */
  stop(): void {
    this.abort.abort(new DOMException('nobody waits any more', 'AbortError'));
  }

  /** What is copied, or put in the place of the text: without what programs might take for commands. */
  get result(): string {
    return this.text.replace(UNSEEN, '').trim();
  }
}
