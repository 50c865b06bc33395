import { clipped, clippedByPath, common, isAtLeast, NOTHING, type Box } from './box';
import { colourOf, coloursIn, type Colour } from './colour';
import { nameOf, rectangleOf, scrollHeightOf, scrollLeftOf, scrollTopOf, scrollWidthOf, styleOf } from './dom_access';
import { groundIn, type Blend, type Ground } from './ground';
import type { View } from './view';

/** How what lies in an element is seen: through what it is looked at, and on what it is painted. */
export interface Sight {
  element: Element;
  style: CSSStyleDeclaration;
  /** The display of that, which is asked for often. */
  display: string;
  /** That of the element around it; null at the root of a document. */
  around: Sight | null;
  view: View;
  /** Its place in the order of the tree. */
  order: number;
  /** Through what its content is seen. */
  clip: Box;
  /** From 0 to 1. */
  opacity: number;
  ground: Ground;
  /** Whether it paints a ground of its own. */
  isPainted: boolean;
  /** The colours that texts are cut out of, where they are cut out of a background; null for those of a picture. */
  cutOut: readonly Colour[] | null | undefined;
  /** How it is mixed with what is behind it, or what it stands in is; null when it is only painted above that. */
  blend: Blend | null;
  /** Whether it may be wide for a reason, as tables and code are. */
  isWide: boolean;
}

/** Below this, a person sees nothing. */
const LEAST_OPACITY = 0.06;
/** A blur of so many pixels leaves no word to be read. */
const ILLEGIBLE_BLUR = 4;
/** What begins so many pixels after the box that it is placed in was put out of sight. */
const FAR = 5000;
/** The least width and height of a frame, in CSS pixels, in which anything can be read. */
const LEAST_FRAME = 20;
/** The least width and height of a box that is scrolled, in CSS pixels, in which anything can be read. */
const LEAST_SCROLLER = 8;
/** The names of elements that are shown as wide as their content is. */
const WIDE = new Set(['table', 'pre', 'svg']);
/** Kinds of containment that cut off what reaches out. */
export const CONTAINED = /paint|strict|content/;

/** How content of a document's root is seen; in a frame as the frame is. */
export function sightOf(view: View, root: Element, order = 0, opacity = 1): Sight {
  const style = styleOf(root);
  return {
    element: root,
    style,
    display: style.display,
    around: null,
    view,
    order,
    clip: view.reach,
    opacity,
    ground: view.ground,
    isPainted: false,
    cutOut: undefined,
    blend: null,
    isWide: false,
  };
}

/** How what is in an element is seen; null when nothing of it is. `order`: its place in the order of the tree. */
export function sightIn(element: Element, tag: string, around: Sight, order: number): Sight | null {
  const style = styleOf(element);
  const { display } = style;
  // An element that is not laid out in this document has no style at all.
  if (display === 'none' || display === '') return null;
  const sight: Sight = {
    element,
    style,
    display,
    around,
    view: around.view,
    order,
    clip: around.clip,
    opacity: around.opacity,
    ground: around.ground,
    isPainted: false,
    cutOut: around.cutOut,
    blend: around.blend,
    isWide: around.isWide || WIDE.has(tag),
  };
  if (display === 'contents') return sight;
  sight.opacity *= opacityOf(style);
  if (sight.opacity < LEAST_OPACITY || isMaskedAway(style) || isTurnedAway(sight)) return null;
  const { position } = style;
  if (position !== 'static' && !place(sight, position)) return null;
  if (!narrow(sight, tag, display, position)) return null;
  const { mixBlendMode } = style;
  if (mixBlendMode !== 'normal' && mixBlendMode !== '') sight.blend = { mode: mixBlendMode, behind: sight.ground };
  paint(sight, style);
  return sight;
}

/** How much of what is below shows through, by opacity and by filters; 0 when it is blurred beyond reading. */
function opacityOf({ opacity, filter }: CSSStyleDeclaration): number {
  const own = opacity === '1' || opacity === '' ? 1 : Number(opacity);
  if (filter === 'none' || filter === '') return own;
  const blur = Number.parseFloat(/blur\(([\d.]+)px\)/.exec(filter)?.[1] ?? '0');
  return blur >= ILLEGIBLE_BLUR ? 0 : own * Number(/opacity\(([\d.]+)\)/.exec(filter)?.[1] ?? '1');
}

/** Whether a mask leaves nothing. Of a mask that is a picture nothing is known. */
function isMaskedAway({ maskImage }: CSSStyleDeclaration): boolean {
  if (maskImage === undefined || maskImage === 'none' || !maskImage.includes('gradient(')) return false;
  const stops = coloursIn(maskImage);
  return stops.length > 0 && !maskImage.includes('url(') && stops.every(({ alpha }) => alpha < LEAST_OPACITY);
}

/** Whether an element turns a back to the person that shows nothing. */
function isTurnedAway(sight: Sight): boolean {
  if (sight.style.backfaceVisibility !== 'hidden') return false;
  let isTurned = turns(sight.style);
  for (let { around } = sight; around && around.style.transformStyle === 'preserve-3d'; { around } = around) {
    if (turns(around.style)) isTurned = !isTurned;
  }
  return isTurned;
}

function turns({ transform, rotate }: CSSStyleDeclaration): boolean {
  const matrix = transform === 'none' || transform === '' ? new DOMMatrix() : new DOMMatrix(transform);
  const [, x = '0', y = '0', angle = '0'] =
    /^(?:([xy])\s|([-\d.]+)\s[-\d.]+\s[-\d.]+\s)?([-\d.]+)deg$/.exec(rotate) ?? [];
  const isOfAxis = /[xy]/.test(x) || (x !== '0' && x !== '') || y !== '0';
  return matrix.m33 * (isOfAxis ? Math.cos((Number(angle) * Math.PI) / 180) : 1) < 0;
}

/** Finds through what an element is seen that has a position; gives false when it was placed far off or behind others. */
function place(sight: Sight, position: string): boolean {
  const { view, around, element } = sight;
  let holder = around;
  if (position === 'fixed' || position === 'absolute') {
    while (holder && !holdsPlaced(holder, position)) holder = holder.around;
    sight.clip = holder ? holder.clip : position === 'fixed' ? view.shown : view.reach;
  }
  if (Number(sight.style.zIndex) < 0 && isBehind(sight)) return false;
  const [own, box] = [view.box(element), holder ? view.box(holder.element) : view.shown];
  const { right, bottom } = view.shown;
  return own.left <= Math.max(box.right, right) + FAR && own.top <= Math.max(box.bottom, bottom) + FAR;
}

/** Whether an element that is painted below what is around it lies behind a background there. */
function isBehind({ around }: Sight): boolean {
  for (let holder = around; holder; holder = holder.around) {
    const { style, element } = holder;
    const isStacked = (style.position !== 'static' && style.zIndex !== 'auto') || style.isolation === 'isolate';
    // The background of the body is painted as that of the window.
    if (isStacked || Number(style.opacity) < 1 || !isNone(style.transform) || nameOf(element) === 'body') return false;
    if ((colourOf(style.backgroundColor)?.alpha ?? 0) > 0.9) return true;
  }
  return false;
}

/** Whether the places of absolute or fixed elements are counted in an element. */
export function holdsPlaced({ style, display, around }: Sight, position: string): boolean {
  if (around === null && position === 'absolute') return true;
  if (display === 'inline' && style.position === 'static') return false;
  return (
    (position === 'absolute' && style.position !== 'static') ||
    ![style.transform, style.translate, style.rotate, style.scale, style.perspective].every(isNone) ||
    !isNone(style.filter) ||
    !isNone(style.getPropertyValue('backdrop-filter')) ||
    CONTAINED.test(style.contain) ||
    /layout/.test(style.contain) ||
    /transform|filter|perspective|translate|rotate|scale/.test(style.willChange)
  );
}

function isNone(value: string): boolean {
  return value === 'none' || value === '';
}

/** Narrows the sight to what an element lets be seen of its content; gives false when that is nothing. */
function narrow(sight: Sight, tag: string, display: string, position: string): boolean {
  const { style, view, element } = sight;
  const { clipPath } = style;
  if (clipPath !== 'none' && clipPath !== '') {
    sight.clip = common(sight.clip, clippedByPath(clipPath, view.box(element)));
    if (!isAtLeast(sight.clip, 2, 2)) return false;
  }
  if ((position === 'absolute' || position === 'fixed') && style.clip !== 'auto' && style.clip !== '') {
    sight.clip = common(sight.clip, clipped(style.clip, view.box(element)));
    if (!isAtLeast(sight.clip, 2, 2)) return false;
  }
  // What a page says of these two counts for the window, and an inline box has no overflow.
  if (display === 'inline' || tag === 'html' || tag === 'body') return true;
  if (style.contentVisibility === 'hidden') return false;
  const isContained = CONTAINED.test(style.contain);
  const { overflow } = style;
  if (overflow === 'visible' && !isContained) return true;
  const { overflowX, overflowY } = style;
  const box = view.box(element);
  const shown = common(sight.clip, box);
  const least = isScrolled(overflowX) || isScrolled(overflowY) ? LEAST_SCROLLER : 2;
  if (!isAtLeast(shown, least, least)) {
    // What is placed by its position in a box farther out is seen nevertheless.
    sight.clip = NOTHING;
    return true;
  }
  const scroll = scrollableOf(element, box, style.direction === 'rtl');
  const along = (overflow: string): Box =>
    overflow === 'visible' && !isContained ? sight.clip : isScrolled(overflow) ? scroll : shown;
  const [across, down] = [along(overflowX), along(overflowY)];
  sight.clip = { left: across.left, right: across.right, top: down.top, bottom: down.bottom };
  return true;
}

function isScrolled(overflow: string): boolean {
  return overflow === 'auto' || overflow === 'scroll' || overflow === 'overlay';
}

/** All that can be scrolled to in a box. */
function scrollableOf(element: Element, box: Box, isRightToLeft: boolean): Box {
  const [across, down] = [scrollLeftOf(element), scrollTopOf(element)];
  const [width, height] = [scrollWidthOf(element), scrollHeightOf(element)];
  const top = box.top - down;
  if (isRightToLeft) {
    const right = box.right - across;
    return { left: right - width, top, right, bottom: top + height + 1 };
  }
  const left = box.left - across;
  return { left, top, right: left + width + 1, bottom: top + height + 1 };
}

/** Takes note of what an element paints behind its content. */
function paint(sight: Sight, style: CSSStyleDeclaration): void {
  const { backgroundColor, backgroundImage } = style;
  const hasImage = backgroundImage !== 'none' && backgroundImage !== '';
  if (!hasImage && backgroundColor === 'rgba(0, 0, 0, 0)') return;
  const clip = hasImage ? style.getPropertyValue('background-clip') : '';
  if (clip.includes('text')) {
    const stops = backgroundImage.includes('url(') ? [] : coloursIn(backgroundImage);
    sight.cutOut = stops.length > 0 ? stops : null;
    return;
  }
  sight.isPainted = true;
  sight.ground = groundIn(sight.ground, backgroundColor, hasImage ? backgroundImage : 'none', sight.opacity);
}

/** What the content of a frame is painted on, and its size in CSS pixels; null when the frame shows none. */
export function sightThrough(frame: Element, around: Sight): { ground: Ground; size: Box } | null {
  const box = around.view.box(frame);
  if (!isAtLeast(common(box, around.clip), LEAST_FRAME, LEAST_FRAME)) return null;
  if (around.style.visibility !== 'visible') return null;
  const { width, height } = rectangleOf(frame);
  return { ground: around.ground, size: { left: 0, top: 0, right: width, bottom: height } };
}
