import { isAborted } from '../../../ui/src/backend/backend';
import type { Host } from '../../../ui/src/backend/host';
import type { FoundTurn, SavedPage } from '../../../ui/src/backend/types';
import { structuredData } from '../data/structured_data';
import { withFacts } from '../data/things_written';
import { thingsOf } from '../data/plain_things';
import { de } from '../i18n/de';
import { en } from '../i18n/en';
import type { Snapshot } from '../page/types';
import { readable } from '../page/readable';
import type { Change, SavedPassage } from '../related/change';
import { answersWith, changeSince, passagesOn, savedOf, type Related, type SavedOf } from '../related/related';
import { questionOf, subjectOf, wordSets } from '../related/subject';
import type { OpenPage } from './open_page.svelte';
import { snapshotOf } from './reading';

/** What a person has already on the page that is open: found when it is asked for, on this machine alone. */
export class RelatedThings {
  /** What of these is null is still looked for, or could not be found. */
  saved = $state.raw<SavedOf | null>(null);
  passages = $state.raw<Related[] | null>(null);
  answers = $state.raw<FoundTurn[] | null>(null);
  /** How the page differs from what was saved of it; null when it does not, undefined while that is not known. */
  change = $state.raw<Change | null | undefined>(undefined);
  isLooking = $state(false);
  /** Why some of it could not be found, or the page not be read. */
  failure = $state.raw<unknown>(null);
  /** Whether only what is selected was looked for. */
  isOfSelection = $state(false);
  private abort = new AbortController();

  constructor(
    private readonly host: Host,
    private readonly page: OpenPage,
  ) {}

  /** Looks, again as well. `selected`: a text of the page that is meant; what is selected in it when that is null. */
  async look(selected: string | null): Promise<void> {
    this.end();
    const { signal } = (this.abort = new AbortController());
    this.isLooking = true;
    this.failure = null;
    this.saved = this.passages = this.answers = null;
    this.change = undefined;
    try {
      await this.find(selected, signal);
    } catch (failure) {
      if (!signal.aborted) this.failure = failure;
    } finally {
      if (!signal.aborted) this.isLooking = false;
    }
  }

  /** Gives up what is still looked for. */
  end(): void {
    this.abort.abort();
  }

  private async find(selected: string | null, signal: AbortSignal): Promise<void> {
    const { tab, obstacle } = this.page;
    if (tab === null || obstacle !== null) return;
    const snapshot = await snapshotOf(tab);
    if (signal.aborted) return;
    const text = readable(snapshot);
    const subject = subjectOf(text, selected ?? snapshot.selection?.text ?? '');
    this.isOfSelection = subject.selected !== '';
    const sought = questionOf(subject);
    const pages = this.host.get('/v1/pages', { signal }).then((found) => found.pages);
    const parts = [
      pages.then((all) => this.tellSaved(all, snapshot, text.markdown, signal)),
      pages
        .catch((): SavedPage[] => [])
        .then((all) => passagesOn(this.host, sought, all, savedIn(all, snapshot.url).page, signal))
        .then((found) => this.unless(signal, () => (this.passages = found))),
      answersWith(this.host, wordSets(subject), signal).then((found) =>
        this.unless(signal, () => (this.answers = found)),
      ),
    ];
    // What one part cannot tell, the others can.
    const ends = await Promise.allSettled(parts);
    const failed = ends.find((end) => end.status === 'rejected' && !isAborted(end.reason));
    if (failed?.status === 'rejected') throw failed.reason;
  }

  private async tellSaved(all: SavedPage[], snapshot: Snapshot, markdown: string, signal: AbortSignal): Promise<void> {
    const saved = savedIn(all, snapshot.url);
    this.unless(signal, () => (this.saved = saved));
    const whole = saved.page.find((one) => !one.is_selection);
    if (!whole) return;
    // What was saved with the page's facts is compared with these as well.
    const now = (passages: readonly SavedPassage[]): string =>
      withFacts(markdown, thingsOf(structuredData(snapshot)), factsHeadingIn(passages));
    const change = await changeSince(this.host, whole, now, signal);
    this.unless(signal, () => (this.change = change));
  }

  private unless(signal: AbortSignal, tell: () => void): void {
    if (!signal.aborted) tell();
  }
}

function savedIn(all: SavedPage[], url: string): SavedOf {
  return /^https?:/.test(url) ? savedOf(all, url) : { page: [], site: [], siteCount: 0 };
}

/** The heading of the facts that were saved with a page; null when none were. */
function factsHeadingIn(passages: readonly SavedPassage[]): string | null {
  const isThere = (heading: string): boolean =>
    passages.some(({ breadcrumb, text }) => breadcrumb.includes(heading) || text.split('\n').includes(heading));
  return [en.saving.facts, de.saving.facts].find(isThere) ?? null;
}
