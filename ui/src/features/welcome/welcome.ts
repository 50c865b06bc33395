import { kept } from '../../backend/kept.svelte';
import type { Status } from '../../backend/types';

const KEY = 'ambit.welcomed';

/** Whether the first steps are to be shown: nothing is indexed, and they were not skipped. */
export function wantsWelcome(status: Status): boolean {
  return status.roots.length === 0 && kept.get(KEY) === null;
}

/** The first steps were taken, or skipped. */
export function endWelcome(): void {
  kept.set(KEY, 'yes');
}
