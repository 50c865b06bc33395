import type { Place, Wish } from '../background/wishes';
import type { Selected } from '../content/messages';
import { texts } from '../i18n/texts.svelte';
import { codeSpan, destination, escaped, escapedLine } from '../page/escape';
import { chosenIn, type Surroundings } from '../page/surroundings';
import { lineOf } from '../page/tree';
import { withoutUnseen } from '../page/unseen_characters';
import { refuseOff } from './open_page.svelte';
import type { PageContent } from './page_file';
import { pictureFile } from './picture_file';
import { SilentTab, within } from './read_tab';
import { pointedIn, selectedIn, type PointedTo } from './reading';

/** A part of a page that is asked about. */
export interface AskedPart {
  content: PageContent;
  /** What of it stands in the page word for word, so that it can be shown there; empty where that is nothing. */
  passage: string;
  /** What is handed over besides. */
  files: File[];
  /** What the person is told of what is used; null where that is plain. */
  notice: string | null;
}

/** The page that a part is of, as the browser tells it. */
interface Page {
  url: string;
  title: string;
  isCut?: never;
}

/** How much is told of an address that leads nowhere on the web, in characters. */
const SHOWN_ADDRESS = 200;

/**
 * What is selected in the page of a tab. `text` is what the browser itself says of it, where it does; `isFree`: the question is
 * still to be typed, so that what stands around may matter to it.
 * @throws that nothing is selected, or why the page cannot be read and the browser says nothing
 */
export async function selectedPart(
  tab: number,
  page: Page,
  text: string | null,
  isFree: boolean,
  place?: Place,
): Promise<AskedPart> {
  const t = texts.t.parts;
  const { selected, seen } = await selectionOf(tab, text, place);
  const around = isFree && selected ? paragraphs(`${selected.before}\n${t.here}\n${selected.after}`) : '';
  const isAround = isFree && selected !== null && (selected.before + selected.after).trim() !== '';
  return {
    content: {
      title: `${t.selection} – ${selected?.title || page.title}`,
      url: selected?.url ?? page.url,
      markdown: isAround ? `${paragraphs(seen)}\n\n## ${t.around}\n\n${around}` : paragraphs(seen),
    },
    passage: seen,
    files: [],
    notice: selected?.isCut ? t.selectionCut : null,
  };
}

/**
 * What is selected in the page of a tab, to be kept, and whether it is only a part of that.
 * @throws as `selectedPart`, and that nothing is selected where the page can be read and says so, whatever the browser says: that
 * may have been hidden from the person
 */
export async function selectionToKeep(
  tab: number,
  page: Page,
  text: string | null,
  place?: Place,
): Promise<PageContent & { isCut: boolean }> {
  const { selected, seen, isRead } = await selectionOf(tab, text, place);
  if (isRead && !selected) throw new Error(texts.t.parts.nothingSelected);
  const { title, url, isCut = false } = selected ?? page;
  return { title: title || page.title, url, markdown: paragraphs(seen), isCut };
}

/**
 * What is selected, as the page tells it, and as it is seen. The former is null where the page tells nothing; `isRead`: it was asked.
 */
async function selectionOf(
  tab: number,
  text: string | null,
  place?: Place,
): Promise<{ selected: Selected | null; seen: string; isRead: boolean }> {
  let isRead = true;
  const selected = await within(selectedIn(tab, place?.frame ?? null)).catch((failure: unknown) => {
    // A page that may be read and does not answer would else have the browser's word count for it.
    if (text === null || failure instanceof SilentTab) throw failure;
    isRead = false;
    return null;
  });
  if (selected) await refuseOff(URL.parse(selected.url));
  const seen = selected ? selected.text : (text ?? '');
  if (seen.trim() === '') throw new Error(texts.t.parts.nothingSelected);
  return { selected, seen, isRead };
}

/**
 * A link: what it says, where it leads, and what stands around it. What it leads to is not fetched.
 * @throws why nothing of the page may be read
 */
export async function linkPart(wish: Extract<Wish, { kind: 'link' }>, page: Page): Promise<AskedPart> {
  const t = texts.t.parts;
  const { tab, frame, address } = wish;
  const found = await pointedTo(tab, frame, { ambit: 'link', address });
  const chosen = found && chosenIn(found.snapshot);
  const said = oneLine(chosen ? lineOf(chosen.element) : wish.text);
  const lines = [
    said === '' ? t.linkSilent : t.linkSays(escaped(said)),
    ...leadsTo(address, found?.snapshot.url ?? page.url),
    t.linkNotFetched,
    ...several(found),
  ];
  return part(said === '' ? t.link : `${t.link}: ${said}`, page, found, lines, chosen?.around ?? null);
}

/**
 * A picture: what the page says of it, what stands around it, and the picture itself where `isShown` and it can be had without
 * being fetched.
 * @throws why nothing of the page may be read
 */
export async function imagePart(
  wish: Extract<Wish, { kind: 'image' }>,
  page: Page,
  isShown: boolean,
): Promise<AskedPart> {
  const t = texts.t.parts;
  const { tab, frame, address } = wish;
  const found = await pointedTo(tab, frame, { ambit: 'image', address, isShown });
  const chosen = found && chosenIn(found.snapshot);
  const alternative = oneLine(chosen?.element.attributes.alt ?? '');
  const caption = chosen?.around.caption ?? null;
  const name = alternative || oneLine(nameIn(address)) || t.image;
  const file = found?.picture ? await pictureFile(found.picture, name, tab) : null;
  const notice = file ? t.imageAttached : isShown ? t.imageNotThere : t.imageNotTaken;
  const lines = [
    alternative === '' ? t.imageSilent : t.imageSays(escaped(alternative)),
    ...(caption === null ? [] : [t.imageCaption(escaped(oneLine(caption)))]),
    ...(nameIn(address) === '' ? [] : [t.imageFile(codeSpan(oneLine(nameIn(address))))]),
    notice,
    ...several(found),
  ];
  const made = part(`${t.image}: ${name}`, page, found, lines, chosen?.around ?? null);
  return { ...made, files: file ? [file] : [], notice };
}

/** What was pointed to; null where the page or the frame does not let itself be read, as frames of other sites do not. */
async function pointedTo(
  tab: number,
  frame: number,
  request: Parameters<typeof pointedIn>[2],
): Promise<PointedTo | null> {
  const found = await pointedIn(tab, frame, request).catch(() => null);
  if (found) await refuseOff(URL.parse(found.snapshot.url));
  return found;
}

function part(
  title: string,
  page: Page,
  found: PointedTo | null,
  lines: string[],
  around: Surroundings | null,
): AskedPart {
  const t = texts.t.parts;
  const passage = around?.passage ?? '';
  const head = around?.heading ? [t.under(escaped(oneLine(around.heading)))] : [];
  const told = passage === '' ? [t.noSurroundings] : [`## ${t.around}`, ...head, passage];
  const of = found?.snapshot.title || page.title;
  return {
    content: {
      title: of === '' ? title : `${title} – ${of}`,
      url: found?.snapshot.url ?? page.url,
      markdown: [...lines, ...told].join('\n\n'),
    },
    passage,
    files: [],
    notice: null,
  };
}

function leadsTo(address: string, from: string): string[] {
  const t = texts.t.parts;
  const url = URL.parse(address);
  if (!url || !/^(?:https?|mailto|tel|ftp):$/.test(url.protocol))
    return [t.linkElsewhere(codeSpan(address.slice(0, SHOWN_ADDRESS)))];
  const leads = t.linkLeads(`<${destination(url.href)}>`);
  if (!/^https?:$/.test(url.protocol)) return [leads];
  return [leads, url.host === URL.parse(from)?.host ? t.linkSameSite : t.linkOtherSite(codeSpan(url.host))];
}

/** That it is not known which of several things was meant. */
function several(found: PointedTo | null): string[] {
  return found && found.count > 1 ? [texts.t.parts.several(found.count)] : [];
}

/** The name of the file at an address; empty where it stands in the address itself. */
function nameIn(address: string): string {
  const url = URL.parse(address);
  if (!url || !/^(?:https?|file|ftp):$/.test(url.protocol)) return '';
  const last = url.pathname.split('/').at(-1) ?? '';
  try {
    return decodeURIComponent(last);
  } catch {
    return last;
  }
}

/** A text of several lines as paragraphs, in which nothing is markup. */
function paragraphs(text: string): string {
  const lines = text.split('\n').map((line) => withoutUnseen(line).trim());
  return lines
    .filter((line) => line !== '')
    .map((line) => escapedLine(escaped(line)))
    .join('\n\n');
}

function oneLine(text: string): string {
  return withoutUnseen(text).replace(/\s+/g, ' ').trim();
}
