import { highlight, type Highlighted } from '../page/highlight';
import { locate } from '../page/locate';
import { addressOf, contentTypeOf, focusOf, nameOf } from '../page/dom_access';
import { pointedImage, pointedLink, type Pointed } from '../page/pointed';
import { hasSelection, selectedElement } from '../page/selected';
import { takeSnapshot } from '../page/snapshot';
import { fetchPdf } from '../pdf/fetched';
import { base64Of } from './base64_of';
import { listen } from './listen';
import {
  pageRequestIn,
  type PdfReply,
  type PageReply,
  type PageRequest,
  type Picture,
  type Selected,
} from './messages';
import { pictureOf } from './picture';

/** The passage that is marked in the page. */
let marked: Highlighted | null = null;

function clear(): void {
  marked?.clear();
  marked = null;
}

/** What is selected, as a person sees it; null when nothing is. */
async function selected(): Promise<Selected | null> {
  if (!hasSelection(document)) return null;
  const { url, title, selection } = await takeSnapshot(document);
  const focused = focusOf(document);
  const isFrameFocused = focused !== null && /^i?frame$/.test(nameOf(focused));
  return selection && { ...selection, url, title, isFrameFocused };
}

/** The PDF that the browser shows in this page, which is the page around its viewer. */
async function shownPdf(most: number): Promise<PdfReply> {
  if (contentTypeOf(document) !== 'application/pdf') return { pdf: null, problem: 'no-pdf' };
  const { bytes, problem } = await fetchPdf(addressOf(document), most);
  return { pdf: bytes && (await base64Of(bytes)), problem };
}

async function pointed({ element, count }: Pointed, picture: Picture | null = null): Promise<PageReply> {
  const snapshot = await takeSnapshot(document, element ? { chosen: element } : {});
  return { pointed: JSON.stringify(snapshot), count, picture };
}

async function answer(request: PageRequest): Promise<PageReply> {
  switch (request.ambit) {
    case 'read': {
      const chosen = request.isExample ? selectedElement(document) : null;
      return { snapshot: JSON.stringify(await takeSnapshot(document, chosen ? { chosen } : {})) };
    }
    case 'show': {
      const range = locate(document, request.passage);
      clear();
      if (range) marked = highlight(range);
      return { shown: range !== null };
    }
    case 'clear':
      clear();
      return { cleared: true };
    case 'selection':
      return { selection: await selected() };
    case 'pdf':
      return shownPdf(request.most);
    case 'link':
      return pointed(pointedLink(document, request.address));
    case 'image': {
      const found = pointedImage(document, request.address);
      return pointed(found, request.isShown && found.element ? await pictureOf(found.element) : null);
    }
  }
}

listen('page', pageRequestIn, answer);
