import { createContext } from 'svelte';
import type { Snippet } from 'svelte';

/** What shows the mark `[n]`; null where marks stand for nothing. */
export const [useCitation, provideCitation] = createContext<{ mark: Snippet<[number]> | null }>();
