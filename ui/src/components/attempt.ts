import { toasts } from './toasts.svelte';

/** Does what a person asked for, and tells how it went. Whether it went well is given back. */
export async function attempt(work: () => Promise<unknown>, done?: string): Promise<boolean> {
  try {
    await work();
  } catch (failure) {
    toasts.fail(failure);
    return false;
  }
  if (done) toasts.say(done);
  return true;
}
