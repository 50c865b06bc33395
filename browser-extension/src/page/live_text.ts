import {
  dataOf,
  frameDocumentOf,
  isElement,
  isText,
  nameOf,
  rootOf,
  shownChildrenOf,
  shownParentOf,
  styleOf,
} from './dom_access';
import { wordsOf } from './quotation';

/** A word of a page, and where it stands. */
export interface PlacedWord {
  word: string;
  node: Text;
  /** In the data of the node. */
  start: number;
  end: number;
  /** Whether it goes on with the word before it, as elements may begin and end within words. */
  isContinued: boolean;
}

const MOST_NODES = 400_000;
const MOST_WORDS = 400_000;
const DEEPEST_FRAME = 4;
const NEVER_READ = new Set('script style noscript template head title textarea select option datalist'.split(' '));
const { checkVisibility } = Element.prototype;

/** What parts words, although it is no text. */
const PARTS = new Set(['br', 'hr', 'img', 'sup', 'input', 'button', 'video', 'canvas', 'svg']);

/** The words of a page in the order in which it shows them, in shadow trees and in frames of its origin as well. */
export function wordsIn(document: Document): PlacedWord[] {
  const words = new Words();
  const root = rootOf(document);
  const open: { node: Node; frames: number }[] = root ? [{ node: root, frames: 0 }] : [];
  let left = MOST_NODES;
  for (let next = open.pop(); next && left > 0 && words.all.length < MOST_WORDS; next = open.pop()) {
    const { node, frames } = next;
    left--;
    if (isText(node)) words.add(node);
    else if (isElement(node) && !NEVER_READ.has(nameOf(node))) {
      if (PARTS.has(nameOf(node))) words.part();
      const inside = nameOf(node) === 'iframe' && frames < DEEPEST_FRAME ? frameDocumentOf(node) : null;
      const frame = inside && rootOf(inside);
      const children = frame ? [frame] : shownChildrenOf(node, left);
      for (const child of children.reverse()) open.push({ node: child, frames: frames + (frame ? 1 : 0) });
    }
  }
  return words.all;
}

/** Gathers the words of texts, also of those that several texts share. */
class Words {
  readonly all: PlacedWord[] = [];
  /** The text that ended within a word, unless something that parts words came after it. */
  private open: Text | null = null;

  add(node: Text): void {
    const data = dataOf(node);
    if (data === '' || !isShown(node)) return;
    const words = wordsOf(data);
    const isContinued = words[0]?.start === 0 && this.open !== null && areInLine(this.open, node);
    words.forEach(({ word, start, end }, index) => {
      this.all.push({ word, node, start, end, isContinued: index === 0 && isContinued });
    });
    this.open = words.at(-1)?.end === data.length ? node : null;
  }

  part(): void {
    this.open = null;
  }
}

/** Whether a text is shown at all; what is shown nowhere can be scrolled to neither. */
function isShown(node: Text): boolean {
  const parent = shownParentOf(node);
  return !parent || !isElement(parent) || checkVisibility.call(parent) || styleOf(parent).display === 'contents';
}

/** Whether two texts stand in the same block, so that they may share a word. */
function areInLine(one: Node, other: Node): boolean {
  return blockOf(one) === blockOf(other);
}

function blockOf(node: Node): Node | null {
  let parent = shownParentOf(node);
  while (parent && isElement(parent) && styleOf(parent).display === 'inline') parent = shownParentOf(parent);
  return parent;
}
