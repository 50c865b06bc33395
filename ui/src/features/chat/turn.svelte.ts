import type { Answer, AskEvent, Mention, Turn } from '../../backend/types';
import { explain } from '../../components/failure';

/** How a turn stands, as far as people care. `elsewhere`: it is being answered, but not told to this page so far. */
export type Phase = 'searching' | 'writing' | 'elsewhere' | 'finished' | 'failed' | 'stopped';

const PHASES = { running: 'elsewhere', finished: 'finished', failed: 'failed', cancelled: 'stopped' } as const;

/** Text that comes is shown after so many milliseconds: it may come thousands of times a second. */
const PACE = 50;
/** A long text takes longer to show; so many characters more, and each time waits a millisecond longer. */
const SLOWED = 400;
/** The longest that text waits, in milliseconds. */
const SLOWEST = 1_000;

/** A question with its answer, as it comes. */
export class LiveTurn {
  /** The host's id; null until it has one. */
  id = $state<string | null>(null);
  phase = $state<Phase>('searching');
  text = $state('');
  answer = $state.raw<Answer | null>(null);
  /** Parts that could not take part. */
  degraded = $state.raw<string[]>([]);
  failure = $state<string | null>(null);
  /** Whether it took the place of others, which can be brought back. */
  replaces = $state(false);
  /** Whether it ended for this page alone, as far as that knows: the host may still answer. */
  isCutOff = false;
  /** Text that came and is not shown yet. */
  private coming = '';
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    readonly question: string,
    readonly askedAt: number,
    /** What it is about. */
    readonly about: Mention[] = [],
  ) {}

  /** A turn as the host keeps it. */
  static of(turn: Turn): LiveTurn {
    const live = new LiveTurn(turn.question, turn.asked_at, turn.about);
    live.settle(turn);
    return live;
  }

  /** Whether its answer comes to this page. */
  get isRunning(): boolean {
    return this.phase === 'searching' || this.phase === 'writing';
  }

  get hasEnded(): boolean {
    return !this.isRunning && this.phase !== 'elsewhere';
  }

  /** Whether its answer was removed. The host ends no answer without text; an imported question may have none. */
  get isBlanked(): boolean {
    return this.phase === 'finished' && this.text === '' && this.answer !== null;
  }

  /** Takes in what the host tells. */
  apply(event: AskEvent): void {
    switch (event.event) {
      case 'started':
        this.id = event.turn;
        break;
      case 'recalled':
        this.degraded = event.degraded;
        this.phase = 'writing';
        break;
      case 'text':
        this.coming += event.text;
        this.timer ??= setTimeout(() => this.flush(), Math.min(SLOWEST, PACE + this.text.length / SLOWED));
        this.phase = 'writing';
        break;
      case 'finished':
        this.settle(event.turn);
        break;
      case 'failed':
        this.breakOff(event.problem.code === 'cancelled' ? 'stopped' : 'failed');
        if (this.phase === 'failed') this.failure = explain(event.problem.detail, event.problem.hint);
        break;
    }
  }

  /** Ends it without the host's word on how it keeps it. */
  breakOff(phase: 'failed' | 'stopped'): void {
    this.flush();
    this.phase = phase;
  }

  /** Its answer is told to this page from now on, from its beginning. */
  begin(): void {
    this.flush();
    this.text = '';
    this.phase = 'searching';
  }

  /** Takes over how the host keeps it. */
  settle(turn: Turn): void {
    this.flush();
    this.isCutOff = false;
    this.id = turn.id;
    this.phase = PHASES[turn.status];
    this.answer = turn.answer ?? null;
    this.text = turn.answer?.text ?? this.text;
    this.failure = turn.failure ?? null;
    this.replaces = turn.replaces ?? false;
  }

  private flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    // What is shown is drawn again when this changes.
    if (this.coming !== '') this.text += this.coming;
    this.coming = '';
  }
}
