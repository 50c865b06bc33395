/** How long a server has to run for its end to count as the first. */
const STEADY = 60_000;
const FIRST_WAIT = 500;
const LONGEST_WAIT = 30_000;
/** How often in a row it is started anew. */
const ATTEMPTS = 8;

/** How long to wait before a server that ended is started again. */
export class Patience {
  private ends = 0;
  private startedAt = 0;

  started(now: number): void {
    this.startedAt = now;
  }

  /** The milliseconds to wait; null when it ended so often at once that it is not worth another try. */
  wait(now: number): number | null {
    if (now - this.startedAt >= STEADY) this.ends = 0;
    this.ends += 1;
    return this.ends > ATTEMPTS ? null : Math.min(FIRST_WAIT * 2 ** (this.ends - 1), LONGEST_WAIT);
  }

  /** Somebody wants it to be tried anew. */
  reset(): void {
    this.ends = 0;
  }
}
