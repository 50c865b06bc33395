import { explained } from './failure';

/** A form on its way to the host: sent once, and why it was refused. */
export class Submission {
  busy = $state(false);
  /** Why the host refused it, for people. */
  error = $state<string | null>(null);

  /** Does it, unless it is being done already. Gives whether it went well. */
  async send(work: () => Promise<unknown>): Promise<boolean> {
    if (this.busy) return false;
    this.busy = true;
    this.error = null;
    try {
      await work();
      return true;
    } catch (failure) {
      this.error = explained(failure);
      return false;
    } finally {
      this.busy = false;
    }
  }
}
