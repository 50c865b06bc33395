import { thingsOf, type PlainThing } from '../data/plain_things';
import { structuredData } from '../data/structured_data';
import { texts } from '../i18n/texts.svelte';
import { readable } from '../page/readable';
import { pdfAround, pdfBehind } from '../pdf/shown_pdf';
import { pageOf, refuseOff, type TabPage } from './open_page.svelte';
import type { PageContent } from './page_file';
import { snapshotOf } from './reading';

/** How long a tab may take to be read, in milliseconds: one that a dialog of its page holds up never is. */
const PATIENCE = 30_000;

/** What was read of a tab: the text of a page, or a PDF as it is. */
export type ReadPage = { shown: TabPage & { tab: number }; isCut: boolean } & (
  { content: PageContent & { things: PlainThing[] }; pdf: null } | { content: null; pdf: File }
);

/**
 * What a tab shows, by its own word: it may show another page than a moment ago.
 * @throws why it cannot be read
 */
export async function readTab(tab: number): Promise<ReadPage> {
  const page = await pageOf(tab);
  const shown = { ...page, tab };
  if ((await chrome.tabs.get(tab)).discarded) throw new Error(texts.t.tabs.asleep);
  await refuseOff(page.url);
  const snapshot = await snapshotOf(tab).catch((failure: unknown) => failure);
  if (!isSnapshot(snapshot)) {
    const pdf = await pdfBehind(shown);
    if (!pdf) throw snapshot;
    return { shown, content: null, pdf, isCut: false };
  }
  if (snapshot.contentType === 'application/pdf') {
    return { shown, content: null, pdf: await pdfAround(shown), isCut: false };
  }
  const { title, markdown, isCut } = readable(snapshot);
  if (markdown.trim() === '') throw new Error(texts.t.page.empty);
  const things = thingsOf(structuredData(snapshot));
  return { shown, content: { url: snapshot.url, title, markdown, things }, pdf: null, isCut };
}

/** A tab did not answer in time. */
export class SilentTab extends Error {}

/**
 * The same within a time.
 * @throws why it cannot be read, or that it took longer
 */
export async function within<T>(work: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new SilentTab(texts.t.tabs.silent)), PATIENCE);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

function isSnapshot(read: unknown): read is Awaited<ReturnType<typeof snapshotOf>> {
  return typeof read === 'object' && read !== null && 'root' in read;
}
