import { clipped, clippedByPath, common, isAtLeast, type Box } from './box';
import { coloursIn, type Colour } from './colour';
import { scrollHeightOf, scrollLeftOf, scrollTopOf, scrollWidthOf, styleOf, rectangleOf } from './dom_access';
import { groundIn, type Ground } from './ground';
import type { View } from './view';

/** How what lies in an element is seen: through what it is looked at, and on what it is painted. */
export interface Sight {
  view: View;
  /** Through what its content is seen. */
  clip: Box;
  /** Through what content is seen that is placed by its position in the nearest such box. */
  absoluteClip: Box;
  /** Through what content is seen that stands still in the window; null for the window itself. */
  fixedClip: Box | null;
  /** The nearest box that positions are counted in. */
  container: Element;
  /** From 0 to 1. */
  opacity: number;
  ground: Ground;
  /** The colours that texts are cut out of, where they are cut out of a background; null for those of a picture. */
  cutOut: readonly Colour[] | null | undefined;
  /** Whether its back is turned to the person. */
  isTurned: boolean;
  /** Whether it may be wide for a reason, as tables and code are. */
  isWide: boolean;
  style: CSSStyleDeclaration;
}

/** Below this, a person sees nothing. */
const LEAST_OPACITY = 0.06;
/** A blur of so many pixels leaves no word to be read. */
const ILLEGIBLE_BLUR = 4;
/** What begins so many pixels after the box that it is placed in was put out of sight. */
const FAR = 5000;
const NOTHING: Box = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
/** The names of elements that are shown as wide as their content is. */
const WIDE = new Set(['table', 'pre', 'svg']);

/** How content of a document's root is seen. */
export function sightOf(view: View, root: Element): Sight {
  return {
    view,
    clip: view.reach,
    absoluteClip: view.reach,
    fixedClip: null,
    container: root,
    opacity: 1,
    ground: view.ground,
    cutOut: undefined,
    isTurned: false,
    isWide: false,
    style: styleOf(root),
  };
}

/** How what is in an element is seen; null when nothing of it is. */
export function sightIn(element: Element, tag: string, around: Sight): Sight | null {
  const style = styleOf(element);
  const { display } = style;
  // An element that is not laid out in this document has no style at all.
  if (display === 'none' || display === '' || style.contentVisibility === 'hidden') return null;
  if (display === 'contents') return { ...around, style };
  const opacity = around.opacity * opacityOf(style);
  if (opacity < LEAST_OPACITY || isMaskedAway(style)) return null;
  const sight: Sight = { ...around, style, opacity, isWide: around.isWide || WIDE.has(tag) };
  const { position, transform } = style;
  const isMoved = transform !== 'none' && transform !== '';
  if (isMoved && !turn(sight, transform)) return null;
  if (position === 'fixed') sight.clip = around.fixedClip ?? around.view.shown;
  else if (position === 'absolute') sight.clip = around.absoluteClip;
  if ((position !== 'static' || isMoved) && isFarOff(element, sight)) return null;
  if (!narrow(element, tag, sight)) return null;
  const holdsFixed = isMoved || style.filter !== 'none' || /paint|strict|content/.test(style.contain);
  if (holdsFixed) sight.fixedClip = sight.clip;
  if (holdsFixed || position !== 'static') {
    sight.absoluteClip = sight.clip;
    sight.container = element;
  }
  paint(sight, style);
  return sight;
}

/** How much of what is below shows through, by opacity and by filters; 0 when it is blurred beyond reading. */
function opacityOf({ opacity, filter }: CSSStyleDeclaration): number {
  const own = opacity === '' ? 1 : Number(opacity);
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

/** Takes note of an element's transformation; gives false when it turns a back to the person that shows nothing. */
function turn(sight: Sight, transform: string): boolean {
  if (!transform.startsWith('matrix3d(')) return true;
  const towards = Number(transform.slice('matrix3d('.length).split(',')[10]);
  if (towards < 0) sight.isTurned = !sight.isTurned;
  return !(sight.isTurned && sight.style.backfaceVisibility === 'hidden');
}

/** Whether an element was placed far from the box that it is placed in. */
function isFarOff(element: Element, { view, container }: Sight): boolean {
  const [own, around] = [view.box(element), view.box(container)];
  const { right, bottom } = view.shown;
  return own.left > Math.max(around.right, right) + FAR || own.top > Math.max(around.bottom, bottom) + FAR;
}

/** Narrows the sight to what an element lets be seen of its content; gives false when that is nothing. */
function narrow(element: Element, tag: string, sight: Sight): boolean {
  const { style, view } = sight;
  const { clipPath, clip } = style;
  if (clipPath !== 'none' && clipPath !== '') {
    sight.clip = common(sight.clip, clippedByPath(clipPath, view.box(element)));
    if (!isAtLeast(sight.clip, 2, 2)) return false;
  }
  if (clip !== 'auto' && clip !== '' && (style.position === 'absolute' || style.position === 'fixed')) {
    sight.clip = common(sight.clip, clipped(clip, view.box(element)));
    if (!isAtLeast(sight.clip, 2, 2)) return false;
  }
  const { overflowX, overflowY, display } = style;
  const isContained = /paint|strict|content/.test(style.contain);
  if (overflowX === 'visible' && overflowY === 'visible' && !isContained) return true;
  // What a page says of these two counts for the window, and an inline box has no overflow.
  if (tag === 'html' || tag === 'body' || display === 'inline') return true;
  const box = view.box(element);
  const shown = common(sight.clip, box);
  if (!isAtLeast(shown, 2, 2)) {
    // What is placed by its position in a box farther out is seen nevertheless.
    sight.clip = NOTHING;
    return style.position === 'static';
  }
  const scroll = scrollableOf(element, box, style.direction === 'rtl');
  const isOpen = (overflow: string): boolean => overflow === 'visible' && !isContained;
  const across = isOpen(overflowX) ? sight.clip : isScrolled(overflowX) ? scroll : shown;
  const down = isOpen(overflowY) ? sight.clip : isScrolled(overflowY) ? scroll : shown;
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
  const clip = hasImage
    ? style.getPropertyValue('background-clip') || style.getPropertyValue('-webkit-background-clip')
    : '';
  if (clip.includes('text')) {
    const stops = backgroundImage.includes('url(') ? [] : coloursIn(backgroundImage);
    sight.cutOut = stops.length > 0 ? stops : null;
    return;
  }
  sight.ground = groundIn(sight.ground, backgroundColor, hasImage ? backgroundImage : 'none', sight.opacity);
}

/** The sight of a frame's content, by that of the frame; null when the frame is too small to show any. */
export function sightThrough(frame: Element, around: Sight): { ground: Ground; size: Box } | null {
  const box = around.view.box(frame);
  if (!isAtLeast(common(box, around.clip), 8, 8) || around.style.visibility !== 'visible') return null;
  const { width, height } = rectangleOf(frame);
  return { ground: around.ground, size: { left: 0, top: 0, right: width, bottom: height } };
}
