import { chinese } from './chinese';
import { czech } from './czech';
import { dutch } from './dutch';
import { english } from './english';
import { french } from './french';
import { german } from './german';
import { italian } from './italian';
import { japanese } from './japanese';
import { polish } from './polish';
import { portuguese } from './portuguese';
import { spanish } from './spanish';
import { swedish } from './swedish';
import { turkish } from './turkish';
import type { Words } from './words';

/** What fields are called, in every language that is known. */
export const LANGUAGES: readonly Words[] = [
  english,
  german,
  french,
  spanish,
  italian,
  portuguese,
  dutch,
  polish,
  czech,
  swedish,
  turkish,
  japanese,
  chinese,
];
