import { ANSWERING } from './answers';
import { HIDING } from './hidden';
import { LURING } from './lures';
import type { HostilePage } from './page';
import { SCRIPTED } from './scripts';

/** All pages that are made to do harm. */
export const CORPUS: readonly HostilePage[] = [...HIDING, ...ANSWERING, ...LURING, ...SCRIPTED];
