import type { Attributes, PageElement } from './types';

/**
 * A tree in the order of its text, in pieces of one level, as trees may be deeper than what browsers hand on: a text, an element that
 * begins, or the end of one, which is 1 where white space in its texts is kept.
 */
export type TreeToken = string | [tag: string, isBlock: 0 | 1, attributes?: Attributes] | 0 | 1;

/** What came to a tree since the last piece of it. */
export interface TreePiece {
  /** Whether the tree begins with it; what was told before then counts for nothing. */
  isFirst: boolean;
  tokens: TreeToken[];
}

/** Tells a tree in pieces while it grows at its end. */
export class TreeWriter {
  private readonly begun: { element: PageElement; next: number }[];
  private isFirst = true;

  /** `isOpen` tells whether something may still come into an element. */
  constructor(
    root: PageElement,
    private readonly isOpen: (element: PageElement) => boolean,
  ) {
    this.begun = [{ element: root, next: 0 }];
  }

  /** What came since the last time. */
  next(): TreePiece {
    const tokens: TreeToken[] = [];
    for (let at = this.begun.at(-1); at; at = this.begun.at(-1)) {
      const { element, next } = at;
      const child = element.children[next];
      if (child === undefined) {
        if (this.begun.length === 1 || this.isOpen(element)) break;
        tokens.push(element.keepsSpace ? 1 : 0);
        this.begun.pop();
        continue;
      }
      if (typeof child === 'string') tokens.push(child);
      else {
        if (this.mayVanish(child)) break;
        tokens.push(beginningOf(child));
        this.begun.push({ element: child, next: 0 });
      }
      at.next = next + 1;
    }
    const { isFirst } = this;
    this.isFirst = false;
    return { isFirst, tokens };
  }

  /** Whether an element may still be left out: one that is empty when it ends is, and so is what held nothing but that. */
  private mayVanish(element: PageElement): boolean {
    let at = element;
    while (this.isOpen(at)) {
      const [only, more] = at.children;
      if (only === undefined) return true;
      if (more !== undefined || typeof only === 'string') return false;
      at = only;
    }
    return false;
  }
}

function beginningOf({ tag, isBlock, attributes }: PageElement): TreeToken {
  for (const _ in attributes) return [tag, isBlock ? 1 : 0, attributes];
  return [tag, isBlock ? 1 : 0];
}

/** Makes a tree of the pieces in which it is told. */
export class TreeReader {
  /** The tree as far as it was told. */
  root = bodyOf();
  private open = [this.root];

  /** Takes the next piece. */
  add({ isFirst, tokens }: TreePiece): void {
    if (isFirst) {
      this.root = bodyOf();
      this.open = [this.root];
    }
    for (const token of tokens) {
      const element = this.open.at(-1);
      if (!element) return;
      if (typeof token === 'string') element.children.push(token);
      else if (typeof token === 'number') {
        if (token === 1) element.keepsSpace = true;
        if (this.open.length > 1) this.open.pop();
      } else {
        const [tag, isBlock, attributes = {}] = token;
        const child: PageElement = { tag, attributes, children: [] };
        if (isBlock) child.isBlock = true;
        element.children.push(child);
        this.open.push(child);
      }
    }
  }
}

/** The body of a page before anything is in it. */
export function bodyOf(): PageElement {
  return { tag: 'body', attributes: {}, children: [], isBlock: true };
}
