/** Who waits for a value. */
interface Taker<T> {
  resolve: (value: T) => void;
  reject: (reason: unknown) => void;
}

/** Values that come when they come, for one who takes them in order. */
export class Queue<T> {
  private readonly waiting: T[] = [];
  private taker: Taker<T> | null = null;
  private failure: { reason: unknown } | null = null;

  push(value: T): void {
    if (this.taker) this.taker.resolve(value);
    else this.waiting.push(value);
    this.taker = null;
  }

  /** Has the taker fail at once, whatever still waits. */
  fail(reason: unknown): void {
    this.failure ??= { reason };
    this.taker?.reject(reason);
    this.taker = null;
  }

  /** The next value, once there is one. */
  take(): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.failure) reject(this.failure.reason);
      else if (this.waiting.length > 0) resolve(this.waiting.shift() as T);
      else this.taker = { resolve, reject };
    });
  }
}
