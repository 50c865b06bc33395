import type { Answer, AskEvent, Hit, Turn } from '../../backend/types';

/** How a turn stands, as far as people care. */
export type Phase = 'searching' | 'writing' | 'finished' | 'failed' | 'stopped';

/** A question with its answer, as it comes. */
export class LiveTurn {
  /** The host's id; null until it has one. */
  id = $state<string | null>(null);
  phase = $state<Phase>('searching');
  text = $state('');
  answer = $state.raw<Answer | null>(null);
  /** What was found, while it is known. */
  hits = $state.raw<Hit[]>([]);
  /** Parts that could not take part. */
  degraded = $state.raw<string[]>([]);
  failure = $state<string | null>(null);

  constructor(
    readonly question: string,
    readonly askedAt: number,
  ) {}

  /** A turn as the host keeps it. */
  static of(turn: Turn): LiveTurn {
    const live = new LiveTurn(turn.question, turn.asked_at);
    live.settle(turn);
    return live;
  }

  get isRunning(): boolean {
    return this.phase === 'searching' || this.phase === 'writing';
  }

  /** Takes in what the host tells. */
  apply(event: AskEvent): void {
    switch (event.event) {
      case 'started':
        this.id = event.turn;
        break;
      case 'recalled':
        this.hits = event.passages;
        this.degraded = event.degraded;
        this.phase = 'writing';
        break;
      case 'text':
        this.text += event.text;
        this.phase = 'writing';
        break;
      case 'finished':
        this.settle(event.turn);
        break;
      case 'failed':
        this.fail(event.problem.hint ? `${event.problem.detail}. ${event.problem.hint}` : event.problem.detail);
        break;
    }
  }

  fail(why: string): void {
    this.phase = 'failed';
    this.failure = why;
  }

  private settle(turn: Turn): void {
    const phases = { running: 'writing', finished: 'finished', failed: 'failed', cancelled: 'stopped' } as const;
    this.id = turn.id;
    this.phase = phases[turn.status];
    this.answer = turn.answer ?? null;
    this.text = turn.answer?.text ?? this.text;
    this.failure = turn.failure ?? null;
  }
}
