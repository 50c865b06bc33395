import { colourOf, coloursIn } from './colour';
import type { Cover } from './covers';
import {
  isInOnePiece,
  naturalHeightOf,
  naturalWidthOf,
  offsetHeightOf,
  offsetWidthOf,
  shownSourceOf,
} from './dom_access';
import type { Sight } from './sight';
import { isPaintedAsOne } from './stacking';

/** From this share of it on that is painted, nothing is seen through an element. */
const OPAQUE = 0.95;
/** Pictures with more pixels take too long to be looked at. */
const MOST_PIXELS = 4_000_000;
/** To how many pixels on a side a picture is scaled down to be looked at. */
const SAMPLE = 24;
/** How a corner that is round reaches into a box, as a share of its radius. */
const CORNER = 1 - Math.SQRT1_2;
/** A place of a picture in its box by which it leaves no part of that, if it is as large. */
const WITHIN = /^(?:(?:\d{1,2}(?:\.\d+)?|100)% ?){2}$/;

/** Whether an element of this name shows a picture, which may be clear somewhere. */
export function isPicture(tag: string): boolean {
  return tag === 'img' || tag === 'canvas';
}

/** Whether an element may hide what is behind it: as it is painted by itself, and as nothing shows through it. */
export function isOpaque(sight: Sight, tag: string): boolean {
  const { style, isPainted, opacity, blend } = sight;
  // Few elements paint anything: the others need not be asked for more.
  if (!(isPicture(tag) || isPainted) || opacity < OPAQUE || blend || style.visibility !== 'visible') return false;
  return (isPicture(tag) || isFilled(style)) && isPaintedAsOne(sight, tag);
}

/** Whether the background of an element leaves nothing to be seen behind it. */
function isFilled(style: CSSStyleDeclaration): boolean {
  // The last of several pictures tells how the colour is cut off.
  if (!isEach(style.backgroundClip, 'border-box')) return false;
  if ((colourOf(style.backgroundColor)?.alpha ?? 0) >= OPAQUE) return true;
  const { backgroundImage } = style;
  // A picture in the background may be clear anywhere.
  if (!backgroundImage.includes('gradient(') || backgroundImage.includes('url(')) return false;
  // One that is placed somewhere leaves nothing only where it is repeated.
  if (!isEach(style.backgroundRepeat, 'repeat') || style.backgroundSize !== 'auto') return false;
  const stops = coloursIn(backgroundImage);
  return stops.length > 0 && stops.every(({ alpha }) => alpha >= OPAQUE);
}

/** Whether each of a list of words is this one. */
function isEach(list: string, word: string): boolean {
  return list.split(',').every((one) => one.trim() === word);
}

/** How far within the sides of an element begins what hides things, in CSS pixels. */
export interface Inset {
  across: number;
  down: number;
}

/**
 * Where in the box of an element begins what surely hides what is behind it; null when that is nowhere.
 * @throws where the page does not let a picture be looked at
 */
export function opaqueInset({ sight, tag }: Cover): Inset | null {
  const { style, element, view } = sight;
  // What is broken into lines or columns leaves parts of its box to others.
  if (!isInOnePiece(element)) return null;
  const isWhole = isFilled(style);
  if (!isWhole && !isOpaquePicture(element, tag, style)) return null;
  const { left, top, right, bottom } = view.box(element);
  const [width, height] = [right - left, bottom - top];
  const scale = Math.max(1, width / (offsetWidthOf(element) || width), height / (offsetHeightOf(element) || height));
  const half = Math.min(width, height) / 2;
  const radii = [
    style.borderTopLeftRadius,
    style.borderTopRightRadius,
    style.borderBottomLeftRadius,
    style.borderBottomRightRadius,
  ].map((radius) => (radius.includes('%') ? half : Math.min(scale * pixels(radius), half)));
  const corner = CORNER * Math.max(...radii);
  if (isWhole) return { across: corner, down: corner };
  // A picture leaves its padding and its border clear. As its sides may be swapped by a scale, the wider one counts.
  const { paddingLeft, paddingRight, paddingTop, paddingBottom } = style;
  const { borderLeftWidth, borderRightWidth, borderTopWidth, borderBottomWidth } = style;
  const [fromLeft, fromRight] = [pixels(paddingLeft, borderLeftWidth), pixels(paddingRight, borderRightWidth)];
  const [fromTop, fromBottom] = [pixels(paddingTop, borderTopWidth), pixels(paddingBottom, borderBottomWidth)];
  return {
    across: corner + scale * Math.max(fromLeft, fromRight),
    down: corner + scale * Math.max(fromTop, fromBottom),
  };
}

/** The sum of lengths as they are computed. */
function pixels(...lengths: string[]): number {
  return lengths.reduce((sum, length) => sum + (Number.parseFloat(length) || 0), 0);
}

/** Whether a picture is clear nowhere, as far as the page lets its pixels be read; without that by its kind. */
function isOpaquePicture(element: Element, tag: string, { objectFit, objectPosition }: CSSStyleDeclaration): boolean {
  if (!isPicture(tag)) return false;
  // Otherwise it may leave a part of its box.
  if ((objectFit !== 'fill' && objectFit !== 'cover') || !WITHIN.test(objectPosition)) return false;
  if (tag === 'img') {
    const size = naturalWidthOf(element) * naturalHeightOf(element);
    if (size === 0) return false;
    if (/^data:image\/jpeg|^[^?#]*\.jpe?g(?:[?#]|$)/i.test(shownSourceOf(element))) return true;
    if (size > MOST_PIXELS) return false;
  }
  const drawing = new OffscreenCanvas(SAMPLE, SAMPLE).getContext('2d', { willReadFrequently: true });
  if (!drawing) return false;
  drawing.drawImage(element as HTMLImageElement, 0, 0, SAMPLE, SAMPLE);
  // It fails where the picture is of another site that does not let this one read it.
  const { data } = drawing.getImageData(0, 0, SAMPLE, SAMPLE);
  for (let at = 3; at < data.length; at += 4) if (data[at]! < OPAQUE * 255) return false;
  return true;
}
