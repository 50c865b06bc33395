import { listen } from './dom';

/** What is used of the browser's navigation; some have none. */
interface NavigateEventLike extends Event {
  readonly hashChange: boolean;
  readonly destination: { readonly sameDocument: boolean };
}

/** Stops what would submit a form or leave the page while its fields are filled, and counts it. */
export class SubmissionGuard {
  private stopped = 0;
  private readonly ending = new AbortController();

  constructor(windows: Iterable<Window>) {
    const { signal } = this.ending;
    for (const window of windows) {
      listen(window, 'submit', (event) => this.stop(event), { capture: true, signal });
      // A script that calls a form's `submit` tells nobody; but the page cannot leave without this.
      const { navigation } = window as { navigation?: EventTarget };
      if (navigation) listen(navigation, 'navigate', (event) => this.stay(event as NavigateEventLike), { signal });
    }
  }

  /** How often it stopped something until now. */
  get count(): number {
    return this.stopped;
  }

  /** Lets the page do again what it wants. */
  end(): void {
    this.ending.abort();
  }

  private stop(event: Event): void {
    event.preventDefault();
    event.stopImmediatePropagation();
    this.stopped += 1;
  }

  private stay(event: NavigateEventLike): void {
    if (!event.cancelable || event.hashChange || event.destination.sameDocument) return;
    event.preventDefault();
    this.stopped += 1;
  }
}
