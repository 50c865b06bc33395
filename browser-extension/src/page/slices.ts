/** How long the page may have to wait for a slice of work, in milliseconds. */
const SLICE = 8;

/** Work that gives way to the page again and again. */
export class Slices {
  private begun = performance.now();

  constructor(private readonly signal: AbortSignal | undefined) {
    signal?.throwIfAborted();
  }

  /** Whether this slice is used up, so that `pause` is due. */
  get isOver(): boolean {
    return performance.now() - this.begun >= SLICE;
  }

  /**
   * Lets the page do what it has to do.
   * @throws the reason of the signal when that ended the work
   */
  async pause(): Promise<void> {
    await turn();
    this.signal?.throwIfAborted();
    this.begun = performance.now();
  }
}

/** Waits until what the page had to do before now is done. */
function turn(): Promise<void> {
  // A timer would be slowed down after some turns, and `scheduler.yield` goes before the timers of the page.
  return new Promise((resume) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resume();
    };
    port2.postMessage(null);
  });
}
