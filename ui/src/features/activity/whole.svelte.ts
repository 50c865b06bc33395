import { untrack } from 'svelte';
import { attempt } from '../../components/attempt';
import type { Pages } from '../../components/pages.svelte';

/** Loads all of a list while it is filtered: what is looked for may stand further down than the list has come. */
export function whole<T, C>(pages: Pages<T, C>, isFiltered: () => boolean): void {
  $effect(() => {
    if (isFiltered() && pages.hasMore) untrack(() => void attempt(() => pages.all()));
  });
}
