import { english } from './english';
import { german } from './german';
import type { Words } from './words';

/** What fields are called, in every language that is known. */
export const LANGUAGES: readonly Words[] = [english, german];
