import {
  attributeOf,
  elementsIn,
  focusOf,
  frameDocumentOf,
  inputValueOf,
  isElement,
  nameOf,
  parentOf,
  shownChildrenOf,
  textareaValueOf,
} from './dom_access';
import type { PageSelection } from './types';

/** How much is told of the text around a selection, in characters. */
const AROUND = 500;
/** How much is told of a selection, in characters. */
const LONGEST = 100_000;
/** In how many frames a selection is looked for, and how deep. */
const MOST_FRAMES = 60;
const DEEPEST_FRAME = 4;

const { intersectsNode } = Range.prototype;
const { getRangeAt } = Selection.prototype;

/** Gathers what is selected, and the text around it, from the texts of a page as they are read in order. */
export class SelectedText {
  private before = '';
  private text = '';
  private after = '';
  private isMet = false;

  private constructor(
    private readonly range: Range,
    /** Whether more is selected than this. */
    private readonly isInParts: boolean,
  ) {}

  /** For what is selected. */
  static of(range: Range | null): SelectedText | null {
    if (!range) return null;
    const { ownerDocument } = range.startContainer;
    const selection = ownerDocument && Document.prototype.getSelection.call(ownerDocument);
    // Firefox has several parts, where what lies between them cannot be selected. The first is told.
    return new SelectedText(range, (selection?.rangeCount ?? 0) > 1);
  }

  /** Takes what is seen of a text. `tidy` makes a part of its data into what is seen of that. */
  add(node: Text, data: string, seen: string, tidy: (part: string) => string): void {
    if (this.after.length >= AROUND) return;
    if (!intersectsNode.call(this.range, node)) {
      this.addOutside(seen);
      return;
    }
    const { startContainer, startOffset, endContainer, endOffset } = this.range;
    const start = startContainer === node ? startOffset : 0;
    const end = endContainer === node ? endOffset : data.length;
    this.addOutside(tidy(data.slice(0, start)));
    const selected = tidy(data.slice(start, end));
    if (selected !== '') this.isMet = true;
    this.text = (this.text + selected).slice(0, LONGEST);
    this.addOutside(tidy(data.slice(end)));
  }

  /** Takes note that another line or block begins or ends, or only another part of one. */
  addBreak(blank: '\n' | ' ' = '\n'): void {
    if (!this.isMet) this.before += blank;
    else if (this.after === '') this.text += blank;
    else this.after += blank;
  }

  /** What was gathered; null when nothing of the selection is seen. */
  get result(): PageSelection | null {
    const text = paragraphs(this.text);
    if (text === '') return null;
    return {
      text,
      before: paragraphs(this.before).slice(-AROUND),
      after: paragraphs(this.after).slice(0, AROUND),
      ...((this.isInParts || this.text.length >= LONGEST) && { isCut: true }),
    };
  }

  private addOutside(text: string): void {
    if (this.isMet) this.after = (this.after + text).slice(0, 2 * AROUND);
    else this.before = (this.before + text).slice(-2 * AROUND);
  }
}

/** The element in which the selection of a document, or of a frame in it, begins; null when nothing is selected there. */
export function selectedElement(document: Document): Element | null {
  const range = selectedRange(document);
  if (!range) return null;
  const { startContainer, startOffset } = range;
  if (isElement(startContainer)) {
    // It may begin between two elements: then it is about the next.
    const next = shownChildrenOf(startContainer, startOffset + 1)[startOffset];
    return next && isElement(next) ? next : startContainer;
  }
  const parent = parentOf(startContainer);
  return parent && isElement(parent) ? parent : null;
}

/**
 * What is selected in a document or in a frame of its origin: where the person is now, as browsers keep what was selected elsewhere
 * before; null when nothing is. It looks into frames all at once, so that a page with many has to wait.
 */
export function selectedRange(document: Document): Range | null {
  return focusedRange(document) ?? firstRange(frameDocuments(document));
}

/** What is selected in a document or, when one of its frames has the focus, there; null when nothing is. */
export function focusedRange(document: Document): Range | null {
  return firstRange(focusedDocuments(document).reverse());
}

function firstRange(documents: Document[]): Range | null {
  for (const document of documents) {
    const selection = Document.prototype.getSelection.call(document);
    if (selection && !selection.isCollapsed && selection.rangeCount > 0) return getRangeAt.call(selection, 0);
  }
  return null;
}

/** A document, the frame in it that has the focus, the one in that, and so on, as far as their origin is that of the document. */
function focusedDocuments(document: Document): Document[] {
  const documents = [document];
  for (let depth = 0; depth < DEEPEST_FRAME; depth++) {
    const focused = focusOf(documents[depth]!);
    const inside = focused && frameDocumentOf(focused);
    if (!inside) break;
    documents.push(inside);
  }
  return documents;
}

function frameDocuments(document: Document, depth = 0): Document[] {
  if (depth >= DEEPEST_FRAME) return [];
  const frames = elementsIn(document, 'iframe').slice(0, MOST_FRAMES);
  const documents = frames.flatMap((frame) => frameDocumentOf(frame) ?? []);
  return documents.flatMap((inside) => [inside, ...frameDocuments(inside, depth + 1)]).slice(0, MOST_FRAMES);
}

/** What has the focus in a document, or in a frame of its origin. */
export function focusedIn(document: Document): Element | null {
  return focusOf(focusedDocuments(document).at(-1)!);
}

/** What is selected in the field that has the focus; null when that is nothing, or the field is for a secret. */
export function selectedInField(document: Document): PageSelection | null {
  const field = focusedIn(document);
  if (!field) return null;
  const tag = nameOf(field);
  const isText = tag === 'input' && /^(?:text|search|url|)$/i.test(attributeOf(field, 'type') ?? '');
  if (tag !== 'textarea' && !isText) return null;
  const { selectionStart, selectionEnd } = field as HTMLTextAreaElement;
  if (typeof selectionStart !== 'number' || typeof selectionEnd !== 'number' || selectionStart >= selectionEnd)
    return null;
  const value = tag === 'textarea' ? textareaValueOf(field) : inputValueOf(field);
  return {
    ...(selectionEnd - selectionStart > LONGEST && { isCut: true }),
    text: value.slice(selectionStart, selectionEnd).slice(0, LONGEST),
    before: value.slice(Math.max(0, selectionStart - AROUND), selectionStart),
    after: value.slice(selectionEnd, selectionEnd + AROUND),
  };
}

function paragraphs(text: string): string {
  return text
    .replace(/[^\S\n]+/g, ' ')
    .replace(/ ?\n[\s]*/g, '\n')
    .trim();
}
