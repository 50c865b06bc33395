import {
  checkVisibility,
  contains,
  defaultView,
  documentElement,
  elementAt,
  labelsOf,
  ownerDocument,
  rectangle,
  scrollHeight,
  scrollLeft,
  scrollTop,
  scrollWidth,
  shownParent,
  tag,
} from './dom';
import type { Covers } from './covers';

/** What is fainter than this cannot be seen. */
const FAINTEST = 0.1;
/** In CSS pixels: what is smaller cannot be seen. */
const SMALLEST = 2;
const DEEPEST = 512;

/** A part of a window, in CSS pixels of its viewport. */
export interface Area {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** Whether a person sees an element, or would after scrolling there. */
export function isVisible(element: Element, covers: Covers): boolean {
  const document = ownerDocument(element);
  const window = defaultView(document);
  const root = documentElement(document);
  if (!window || !root || !isShown(element)) return false;
  const box = rectangle(element);
  const whole = { left: box.left, top: box.top, right: box.right, bottom: box.bottom };
  if (!isLarge(whole)) return false;
  const seen = seenParts(element, whole, window);
  if (!seen || isOffPage(seen.reachable, root)) return false;
  if (covers.hide(element, whole)) return false;
  return isLarge(seen.now) ? isOnTop(element, seen.now) : !isBehind(element);
}

/** Whether a person sees a tick box: itself, or the label that pages draw in its stead. */
export function isBoxVisible(element: Element, covers: Covers): boolean {
  if (isVisible(element, covers)) return true;
  if (!checkVisibility(element, {})) return false;
  return labelsOf(element).some((label) => isVisible(label, covers));
}

/** Whether no style hides an element: display, visibility, opacity, clipping and size of its letters. */
function isShown(element: Element): boolean {
  if (!checkVisibility(element, { opacityProperty: true, visibilityProperty: true })) return false;
  let opacity = 1;
  let depth = 0;
  for (let at: Element | null = element; at && depth < DEEPEST; at = shownParent(at), depth += 1) {
    const style = getComputedStyle(at);
    opacity *= Number(style.opacity) * filterOpacity(style.filter);
    if (opacity < FAINTEST || isClippedAway(style)) return false;
  }
  return Number.parseFloat(getComputedStyle(element).fontSize) >= SMALLEST;
}

function filterOpacity(filter: string): number {
  const found = /opacity\(([\d.]+)(%?)\)/.exec(filter);
  return found ? Number(found[1]) / (found[2] ? 100 : 1) : 1;
}

/** Whether `clip` or `clip-path` leaves nothing of an element. */
function isClippedAway(style: CSSStyleDeclaration): boolean {
  const clip = /^rect\(([-\d.]+)px,? ([-\d.]+)px,? ([-\d.]+)px,? ([-\d.]+)px\)$/.exec(style.clip);
  if (clip && (style.position === 'absolute' || style.position === 'fixed')) {
    const [top = 0, right = 0, bottom = 0, left = 0] = clip.slice(1).map(Number);
    if (right - left < SMALLEST || bottom - top < SMALLEST) return true;
  }
  const path = style.clipPath;
  if (path === 'none' || path === '') return false;
  if (/^(circle|ellipse)\(0(px|%)?[ )]/.test(path)) return true;
  const inset = /^inset\(([^)]*?)( round .*)?\)$/.exec(path);
  if (inset) {
    const sides = (inset[1] ?? '').split(' ').map((side) => (side.endsWith('%') ? Number.parseFloat(side) : 0));
    const [top = 0, right = top, bottom = top, left = right] = sides;
    return top + bottom >= 98 || left + right >= 98;
  }
  return /^polygon\((0(px|%)? 0(px|%)?,? ?)+\)$/.test(path);
}

function isLarge(area: Area): boolean {
  return area.right - area.left >= SMALLEST && area.bottom - area.top >= SMALLEST;
}

/** Whether an area lies where no scrolling reaches. */
function isOffPage(area: Area, root: Element): boolean {
  const page = rectangle(root);
  const isRightToLeft = getComputedStyle(root).direction === 'rtl';
  const width = scrollWidth(root);
  const height = scrollHeight(root);
  const left = isRightToLeft ? page.right - width : page.left;
  return (
    area.right - left < SMALLEST ||
    area.bottom - page.top < SMALLEST ||
    area.left - left > width - SMALLEST ||
    area.top - page.top > height - SMALLEST
  );
}

/** Whether an element may lie behind what it is in, which cannot be tried outside the window. */
function isBehind(element: Element): boolean {
  let depth = 0;
  for (let at: Element | null = element; at && depth < DEEPEST; at = shownParent(at), depth += 1) {
    if (Number(getComputedStyle(at).zIndex) < 0) return true;
  }
  return false;
}

/** What of an area shows now, in the viewport and in all boxes that scroll, and where it can be brought to by scrolling
 * those; null when some box cuts it off for good. */
function seenParts(element: Element, whole: Area, window: Window): { now: Area; reachable: Area } | null {
  let now = overlap(whole, { left: 0, top: 0, right: window.innerWidth, bottom: window.innerHeight });
  // What is moved within boxes that scroll stays reachable: it is as if it were as far as their edge.
  let reachable = whole;
  let isFree = getComputedStyle(element).position === 'fixed';
  let isAbsolute = getComputedStyle(element).position === 'absolute';
  let depth = 0;
  for (let at = shownParent(element); at && depth < DEEPEST; at = shownParent(at), depth += 1) {
    const style = getComputedStyle(at);
    const name = tag(at);
    if (name === 'html' || name === 'body') break;
    const holds = style.position !== 'static' || style.transform !== 'none';
    if (style.display !== 'contents' && !isFree && !(isAbsolute && !holds)) {
      const clips = `${style.overflowX} ${style.overflowY}`;
      if (clips !== 'visible visible') {
        const box = rectangle(at);
        now = overlap(now, box);
        if (!/auto|scroll/.test(clips)) reachable = overlap(reachable, box);
        else if (isBeforeScroll(reachable, at, style, box)) return null;
        else reachable = box;
        if (!isLarge(reachable)) return null;
      }
    }
    if (holds) {
      isFree = style.position === 'fixed';
      isAbsolute = style.position === 'absolute';
    }
  }
  return { now, reachable };
}

/** Whether an area lies before the beginning of what a box scrolls, where no scrolling reaches. */
function isBeforeScroll(area: Area, scroller: Element, style: CSSStyleDeclaration, box: Area): boolean {
  const isLeftBefore = style.direction !== 'rtl' && area.right - box.left + scrollLeft(scroller) < SMALLEST;
  return isLeftBefore || area.bottom - box.top + scrollTop(scroller) < SMALLEST;
}

function overlap(one: Area, other: Area): Area {
  return {
    left: Math.max(one.left, other.left),
    top: Math.max(one.top, other.top),
    right: Math.min(one.right, other.right),
    bottom: Math.min(one.bottom, other.bottom),
  };
}

/** Whether most points of what shows of an element are its own. */
function isOnTop(element: Element, area: Area): boolean {
  const passesThrough = getComputedStyle(element).pointerEvents === 'none';
  const labels = labelsOf(element);
  const places = [0.5, 0.15, 0.85];
  let hits = 0;
  let points = 0;
  for (const across of places) {
    for (const down of places) {
      const x = area.left + (area.right - area.left) * across;
      const y = area.top + (area.bottom - area.top) * down;
      const hit = elementAt(element, x, y);
      points += 1;
      if (hit && isOwn(element, hit, labels, passesThrough)) hits += 1;
    }
  }
  return hits * 2 > points;
}

function isOwn(element: Element, hit: Element, labels: Element[], passesThrough: boolean): boolean {
  if (hit === element || contains(element, hit)) return true;
  if (labels.some((label) => label === hit || contains(label, hit))) return true;
  return (passesThrough && contains(hit, element)) || isBar(hit);
}

/** Whether an element belongs to a bar that stays in the window, from under which a person scrolls what it covers. */
function isBar(hit: Element): boolean {
  const document = ownerDocument(hit);
  const root = documentElement(document);
  const window = defaultView(document);
  if (!root || !window || scrollHeight(root) <= window.innerHeight + SMALLEST) return false;
  let depth = 0;
  for (let at: Element | null = hit; at && depth < DEEPEST; at = shownParent(at), depth += 1) {
    if (!/^(fixed|sticky)$/.test(getComputedStyle(at).position)) continue;
    const box = rectangle(at);
    return box.width * box.height < (window.innerWidth * window.innerHeight) / 2;
  }
  return false;
}
