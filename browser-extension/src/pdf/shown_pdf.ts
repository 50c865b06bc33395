import { LARGEST_FILE } from '../../../ui/src/features/about/attachment';
import { i18n } from '../../../ui/src/i18n/i18n.svelte';
import { texts } from '../i18n/texts.svelte';
import { bytesOf } from '../panel/base64';
import { fileName } from '../panel/page_file';
import { pdfIn } from '../panel/reading';
import type { FetchedPdf, PdfProblem } from './fetched';
import { pdfOfTab } from './pdf_of_tab';

/** What the browser tells of a tab. */
interface Shown {
  tab: number;
  url: URL | null;
  title: string;
}

/**
 * The PDF that Chromium shows in a tab, which lets scripts of the extension into the page around its viewer.
 * @throws why it cannot be had
 */
export async function pdfAround(shown: Shown): Promise<File> {
  const { pdf, problem } = await pdfIn(shown.tab, LARGEST_FILE);
  if (pdf === null) throw new Error(saidOf(problem ?? 'refused', shown));
  return fileOf(new Blob([bytesOf(pdf)]), shown);
}

/**
 * The PDF of a tab that no script is let into, as Firefox shows them: its address is asked for once more. Null where that is no
 * PDF, so that something else is the matter with the tab.
 * @throws why it cannot be had
 */
export async function pdfBehind(shown: Shown): Promise<File | null> {
  const { tab, url } = shown;
  if (!url || !mayBePdf(url)) return null;
  // In Chromium no script is let in where nothing may be read.
  const mayAsk = url.protocol !== 'file:' && 'sidebarAction' in chrome;
  const fetched: FetchedPdf = mayAsk
    ? await pdfOfTab(tab, url.href, LARGEST_FILE)
    : { bytes: null, problem: 'refused' };
  if (fetched.bytes) return fileOf(fetched.bytes, shown);
  if (fetched.problem === 'no-pdf' || (fetched.problem === 'refused' && !isNamedPdf(url))) return null;
  throw new Error(saidOf(fetched.problem, shown));
}

/** Whether an address may be that of a PDF. Only of files on this machine the name has to say so. */
function mayBePdf(url: URL): boolean {
  return /^https?:$/.test(url.protocol) || (url.protocol === 'file:' && isNamedPdf(url));
}

function isNamedPdf({ pathname }: URL): boolean {
  return /\.pdf$/i.test(pathname);
}

function saidOf(problem: PdfProblem, { url }: Shown): string {
  const t = texts.t.pdf;
  if (url?.protocol === 'file:') return t.onThisMachine;
  switch (problem) {
    case 'no-pdf':
      return t.noPdf;
    case 'too-large':
      return t.tooLarge(i18n.bytes(LARGEST_FILE));
    case 'refused':
      return t.refused(url?.hostname ?? '');
  }
}

/** A file under the name that the browser shows, or that the address has. */
function fileOf(bytes: Blob, { url, title }: Shown): File {
  const last = url?.pathname.split('/').at(-1) ?? '';
  const name = fileName((title.trim() || last).replace(/\.pdf$/i, ''));
  return new File([bytes], `${name}.pdf`, { type: 'application/pdf' });
}
