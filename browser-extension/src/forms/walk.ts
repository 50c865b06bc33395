import { contains, documentElement, frameDocument, matches, shownChildren, tag } from './dom';
import { Covers } from './covers';
import { readText } from './page_text';
import { isVisible } from './visibility';

const MOST_ELEMENTS = 60_000;
const MOST_COVERS_ASKED = 20_000;
const DEEPEST_FRAME = 4;

/** An element of a page, where it was met. */
export interface Met {
  element: Element;
  /** The last heading before it; empty when there was none. */
  heading: string;
  /** The frames that it is in, outermost first, each with what covers things in the page around it. */
  frames: readonly Framed[];
  covers: Covers;
  /** Whether a dialog keeps the person from what is outside of it, as this is. */
  isShutOut: boolean;
}

/** A frame, with what may cover it. */
export interface Framed {
  element: Element;
  covers: Covers;
}

/** All elements of a page in its order, across open shadow roots and the frames that may be read, up to a bound. */
export function walk(document: Document): Met[] {
  const all: Met[] = [];
  walkDocument(document, [], new Set(), all);
  return all;
}

function walkDocument(document: Document, frames: readonly Framed[], entered: Set<Document>, all: Met[]): void {
  const root = documentElement(document);
  if (!root || entered.has(document)) return;
  entered.add(document);
  const covers = new Covers();
  const from = all.length;
  let heading = '';
  let dialog: Element | null = null;
  // A stack of its own: trees may be deeper than calls can nest.
  const ways = [shownChildren(root)];
  while (ways.length > 0 && all.length < MOST_ELEMENTS) {
    const { value: element, done } = (ways.at(-1) as Generator<Element>).next();
    if (done) {
      ways.pop();
      continue;
    }
    if (all.length - from < MOST_COVERS_ASKED) covers.consider(element);
    if (/^h[1-6]$/.test(tag(element))) heading = readText(element) || heading;
    if (tag(element) === 'dialog' && matches(element, ':modal')) dialog = element;
    all.push({ element, heading, frames, covers, isShutOut: false });
    const inner = tag(element) === 'iframe' ? readable(element) : null;
    if (inner && frames.length < DEEPEST_FRAME) walkDocument(inner, [...frames, { element, covers }], entered, all);
    else ways.push(shownChildren(element));
  }
  if (dialog) shutOut(all, from, dialog, frames);
}

/** Marks what a dialog keeps the person from: all of its document but what is in it. */
function shutOut(all: Met[], from: number, dialog: Element, frames: readonly Framed[]): void {
  for (const met of all.slice(from)) {
    const outermost = met.frames[frames.length]?.element ?? met.element;
    if (!contains(dialog, outermost)) met.isShutOut = true;
  }
}

/** The document in a frame; null when it is of another origin. */
function readable(frame: Element): Document | null {
  try {
    return frameDocument(frame);
  } catch {
    return null;
  }
}

/** Whether the frames that an element is in can be seen. */
export function areFramesVisible(frames: readonly Framed[]): boolean {
  return frames.every(({ element, covers }) => isVisible(element, covers));
}
