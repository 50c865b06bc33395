import { common, isAtLeast, isWithin, partWithin, type Box } from './box';
import { colourOf, type Colour } from './colour';
import { documentOf, isElement, nameOf, rectangleOf, shownChildrenOf, shownParentOf, styleOf } from './dom_access';
import { isSeenOn, isSeenThrough } from './ground';
import type { Sight } from './sight';
import type { View } from './view';

const { selectNodeContents, setStart, setEnd, getBoundingClientRect, getClientRects } = Range.prototype;

/** The smallest size of letters that a person can read, in CSS pixels. */
const LEAST_SIZE = 2;
/** Letters that stand closer than this, in CSS pixels, lie upon each other. */
const LEAST_ADVANCE = 1;
/** In-flow text that begins so many pixels right of the window was put out of sight. */
const FAR_RIGHT = 4000;
/** How often a snapshot may measure a piece of a text. What is cut off after that is left out whole. */
const MOST_MEASUREMENTS = 6000;
/** How long one text may be measured, in milliseconds, as the page waits meanwhile. */
const LONGEST_MEASURE = 25;
/** How many elements are looked at for a picture behind a text, and how far up. */
const MOST_BEHIND = 60;
const LEVELS_BEHIND = 3;
/** How many texts in the colour of their ground a snapshot looks behind. */
const MOST_LOOKS_BEHIND = 400;
const PICTURES = new Set(['img', 'video', 'canvas', 'picture', 'svg']);
/** A piece of a text that is seen or not as one: a word, or some signs where words are not parted. */
const PIECE =
  /\s+|[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]{1,4}|[^\s\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]{1,24}/gu;

function isStroked(style: CSSStyleDeclaration): boolean {
  const stroke = colourOf(style.stroke);
  return stroke !== null && stroke.alpha > 0.15;
}

/** Tells what of texts can be seen where they are laid out. For one snapshot, as its measurements are counted. */
export class TextMeasure {
  private readonly range: Range;
  private measurements = 0;
  private looksBehind = 0;

  constructor(document: Document) {
    this.range = Document.prototype.createRange.call(document);
  }

  /** Whether texts that stand in an element itself are painted so that they can be read. */
  isLegible(element: Element, sight: Sight, isPicture: boolean): boolean {
    const { style, ground, cutOut, opacity, view, blend } = sight;
    if (style.visibility !== 'visible') return false;
    if (Number.parseFloat(style.fontSize) < LEAST_SIZE) return false;
    if ((style.getPropertyValue('-webkit-text-security') || 'none') !== 'none') return false;
    const fill = colourOf(isPicture ? style.fill : style.webkitTextFillColor || style.color);
    if (!fill) return !isPicture || style.fill !== 'none' || isStroked(style);
    if (isPicture) return fill.alpha * opacity > 0.15 || isStroked(style);
    if (fill.alpha < 0.5 && cutOut !== undefined) return cutOut === null || isSeenOn(ground, cutOut, opacity);
    if (blend && !isSeenThrough(blend, ground, fill, opacity)) return false;
    if (isSeenOn(ground, [fill], opacity)) return true;
    const stroke = Number.parseFloat(style.webkitTextStrokeWidth) > 0 ? colourOf(style.webkitTextStrokeColor) : null;
    if (stroke && isSeenOn(ground, [stroke], opacity)) return true;
    return fill.alpha * opacity > 0.3 && this.isSeenOnWhatLiesBehind(element, fill, view);
  }

  /** Where a text is in the page. */
  boxOf(text: Text, view: View): Box {
    selectNodeContents.call(this.range, text);
    return view.boxOf(getBoundingClientRect.call(this.range));
  }

  /**
   * What is seen of a text, which is `data` and was just now in this box: with an ellipsis where it is cut off at its end; empty when
   * nothing is.
   */
  seen(text: Text, data: string, box: Box, sight: Sight): string {
    const { view, clip } = sight;
    if (!isAtLeast(box, 1, LEAST_SIZE) || !isAtLeast(common(box, clip), 1, LEAST_SIZE)) return '';
    if (clip.right === Infinity && !sight.isWide && box.left > view.width + FAR_RIGHT) return '';
    if (isHeaped(box, data, sight)) return '';
    if (isWithin(box, clip) || this.areLinesWithin(view.boxOf.bind(view), clip)) return data;
    return this.pieces(text, data, sight);
  }

  /** Lets go of the page's nodes. */
  end(): void {
    const document = documentOf(this.range.startContainer);
    if (document) selectNodeContents.call(this.range, document);
  }

  /** Whether a picture or a box of another colour, which is no ancestor, lies behind all of an element. */
  private isSeenOnWhatLiesBehind(element: Element, text: Colour, view: View): boolean {
    if (++this.looksBehind > MOST_LOOKS_BEHIND) return false;
    const box = view.box(element);
    let above = shownParentOf(element);
    for (let level = 0; level < LEVELS_BEHIND && above && isElement(above); level++) {
      for (const other of someWithin(above, element)) {
        if (partWithin(box, view.box(other)) < 0.9) continue;
        const { backgroundColor, visibility, opacity, backgroundImage } = styleOf(other);
        if (visibility !== 'visible' || Number(opacity) < 0.5) continue;
        if (PICTURES.has(nameOf(other)) || backgroundImage.includes('url(')) return true;
        const ground = colourOf(backgroundColor);
        if (ground && ground.alpha > 0.4 && isSeenOn([ground], [text], 1)) return true;
      }
      above = shownParentOf(above);
    }
    return false;
  }

  private areLinesWithin(boxOf: (rectangle: DOMRect) => Box, clip: Box): boolean {
    const lines = [...getClientRects.call(this.range)].map(boxOf).filter((line) => isAtLeast(line, 1, 1));
    return lines.every((line) => partWithin(line, clip) > 0.5);
  }

  /** The pieces of a text that are seen, as some of it is cut off. */
  private pieces(text: Text, data: string, { view, clip }: Sight): string {
    const end = performance.now() + LONGEST_MEASURE;
    let seen = '';
    let isCutOff = false;
    for (const { 0: piece, index } of data.matchAll(PIECE)) {
      if (piece.trim() === '') {
        if (!isCutOff) seen += piece;
        continue;
      }
      if (++this.measurements > MOST_MEASUREMENTS || performance.now() > end) return '';
      setStart.call(this.range, text, index);
      setEnd.call(this.range, text, index + piece.length);
      const box = view.boxOf(getBoundingClientRect.call(this.range));
      const isSeen = partWithin(box, clip) > 0.5;
      if (isSeen) seen += isCutOff && seen !== '' && !/\s$/.test(seen) ? ` ${piece}` : piece;
      isCutOff = !isSeen;
    }
    return isCutOff && seen.trim() !== '' ? `${seen.trimEnd()}…` : seen;
  }
}

/** Some of the elements in another, nearest first, but nothing of one branch. */
function someWithin(root: Node, branch: Element): Element[] {
  const found: Element[] = [];
  const next = [root];
  for (let parent = next.shift(); parent && found.length < MOST_BEHIND; parent = next.shift()) {
    for (const child of shownChildrenOf(parent, MOST_BEHIND)) {
      if (!isElement(child) || child === branch) continue;
      found.push(child);
      next.push(child);
    }
  }
  return found;
}

/** Whether the letters of a text lie upon each other. */
function isHeaped(box: Box, data: string, { style }: Sight): boolean {
  const length = data.trim().length;
  if (length < 8 || style.letterSpacing === 'normal' || !style.letterSpacing.startsWith('-')) return false;
  const [width, height] = [box.right - box.left, box.bottom - box.top];
  return (width * height) / (length * Number.parseFloat(style.fontSize)) < LEAST_ADVANCE;
}

/** Whether an element is so large that it can be seen. */
export function isSizeable(element: Element, { view, clip }: Sight): boolean {
  const { width, height } = rectangleOf(element);
  return width >= 8 && height >= 8 && isAtLeast(common(view.box(element), clip), 4, 4);
}
