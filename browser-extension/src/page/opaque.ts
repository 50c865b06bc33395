import { common, NOTHING, type Box } from './box';
import { colourOf, coloursIn } from './colour';
import type { Cover } from './covers';
import { isInOnePiece, naturalHeightOf, naturalWidthOf, shownSourceOf } from './dom_access';
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
function isFilled({ backgroundColor, backgroundImage, backgroundSize, backgroundClip }: CSSStyleDeclaration): boolean {
  if (!/^border-box\b/.test(backgroundClip)) return false;
  if ((colourOf(backgroundColor)?.alpha ?? 0) >= OPAQUE) return true;
  // A picture in the background may be clear anywhere.
  if (!backgroundImage.includes('gradient(') || backgroundImage.includes('url(') || backgroundSize !== 'auto') {
    return false;
  }
  const stops = coloursIn(backgroundImage);
  return stops.length > 0 && stops.every(({ alpha }) => alpha >= OPAQUE);
}

/**
 * The part of an element that surely hides what is behind it; in disorder when that is nothing.
 * @throws where the page does not let a picture be looked at
 */
export function opaquePart({ sight, tag, box }: Cover): Box {
  const { style, element, view } = sight;
  // What is broken into lines or columns leaves parts of its box to others.
  if (!isInOnePiece(element) || !(isFilled(style) || isOpaquePicture(element, tag, style))) return NOTHING;
  const whole = view.box(element);
  const size = Math.min(whole.right - whole.left, whole.bottom - whole.top);
  const radii = [
    style.borderTopLeftRadius,
    style.borderTopRightRadius,
    style.borderBottomLeftRadius,
    style.borderBottomRightRadius,
  ].map((radius) => (radius.includes('%') ? size / 2 : Math.min(Number.parseFloat(radius) || 0, size / 2)));
  const inset = CORNER * Math.max(...radii);
  return common(box, {
    left: whole.left + inset,
    top: whole.top + inset,
    right: whole.right - inset,
    bottom: whole.bottom - inset,
  });
}

/** Whether a picture is clear nowhere, as far as the page lets its pixels be read; without that by its kind. */
function isOpaquePicture(element: Element, tag: string, { objectFit }: CSSStyleDeclaration): boolean {
  if (tag === 'img') {
    // Otherwise it may leave a part of its box.
    if (objectFit !== 'fill' && objectFit !== 'cover') return false;
    const pixels = naturalWidthOf(element) * naturalHeightOf(element);
    if (pixels === 0) return false;
    if (/^data:image\/jpeg|^[^?#]*\.jpe?g(?:[?#]|$)/i.test(shownSourceOf(element))) return true;
    if (pixels > MOST_PIXELS) return false;
  } else if (tag !== 'canvas') return false;
  const drawing = new OffscreenCanvas(SAMPLE, SAMPLE).getContext('2d', { willReadFrequently: true });
  if (!drawing) return false;
  drawing.drawImage(element as HTMLImageElement, 0, 0, SAMPLE, SAMPLE);
  // It fails where the picture is of another site that does not let this one read it.
  const { data } = drawing.getImageData(0, 0, SAMPLE, SAMPLE);
  for (let at = 3; at < data.length; at += 4) if (data[at]! < OPAQUE * 255) return false;
  return true;
}
