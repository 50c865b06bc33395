import { highlight, type Highlighted } from '../page/highlight';
import { locate } from '../page/locate';
import { addressOf, contentTypeOf, nameOf } from '../page/dom_access';
import { pointedImage, pointedLink, type Pointed } from '../page/pointed';
import { focusedIn, selectedElement, selectedInField, selectedRange } from '../page/selected';
import { takeSnapshot } from '../page/snapshot';
import { fetchPdf } from '../pdf/fetched';
import { base64Of } from './base64_of';
import { listen, listenOver } from './listen';
import {
  pageRequestIn,
  READING,
  readRequestIn,
  type PdfReply,
  type PageReply,
  type PageRequest,
  type ReadPiece,
  type ReadRequest,
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
  const range = selectedRange(document);
  if (!range && !selectedInField(document)) return null;
  const { url, title, selection } = await takeSnapshot(document, range ? { selected: range } : {});
  const focused = focusedIn(document);
  const isFrameFocused = focused !== null && /^i?frame$/.test(nameOf(focused));
  return selection && { ...selection, url, title, isFrameFocused };
}

/** The PDF that the browser shows in this page, which is the page around its viewer. */
async function shownPdf(most: number): Promise<PdfReply> {
  if (contentTypeOf(document) !== 'application/pdf') return { pdf: null, problem: 'no-pdf' };
  const { bytes, problem } = await fetchPdf(addressOf(document), most);
  return { pdf: bytes && (await base64Of(bytes)), problem };
}

async function answer(request: PageRequest): Promise<PageReply> {
  switch (request.ambit) {
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
  }
}

/** What is asked about, of what the page shows. */
function pointedTo(request: ReadRequest): Pointed {
  switch (request.ambit) {
    case 'read':
      return { element: request.isExample ? selectedElement(document) : null, count: 0 };
    case 'link':
      return pointedLink(document, request.address);
    case 'image':
      return pointedImage(document, request.address);
  }
}

async function read(request: ReadRequest, send: (piece: ReadPiece) => void, signal: AbortSignal): Promise<void> {
  const { element, count } = pointedTo(request);
  const isShown = request.ambit === 'image' && request.isShown;
  const picture = isShown && element ? await pictureOf(element) : null;
  const { root: _, ...snapshot } = await takeSnapshot(document, {
    ...(element && { chosen: element }),
    signal,
    send: (tree) => send({ tree }),
  });
  send({ snapshot, count, picture });
}

listen('page', pageRequestIn, answer);
listenOver(READING, readRequestIn, read);
