import { checkVisibility, comparePosition, contains, isElement, parentNode, rectangle, shownParent, tag } from './dom';
import type { Area } from './visibility';

const PICTURES: ReadonlySet<string> = new Set(['img', 'video', 'canvas', 'iframe', 'object', 'embed']);
/** How much of an area has to be covered for it to be hidden. */
const COVERED = 0.75;
const FOLLOWING = Node.DOCUMENT_POSITION_FOLLOWING;
const DEEPEST = 512;
const MOST = 2000;

interface Cover {
  element: Element;
  box: DOMRect;
}

/** What of a page lies opaque over other things without taking clicks, or outside the window, where no point can be
 * asked for what lies on it. */
export class Covers {
  private readonly all: Cover[] = [];

  /** Takes an element into account if it may cover others. */
  consider(element: Element): void {
    if (this.all.length >= MOST) return;
    const style = getComputedStyle(element);
    // What stays in the window while the page scrolls hides nothing for good.
    if (style.position !== 'absolute' && style.position !== 'relative' && style.zIndex === 'auto') {
      if (style.position !== 'fixed' || style.pointerEvents !== 'none') return;
    }
    if (!isOpaque(element, style)) return;
    const box = rectangle(element);
    if (box.width >= 2 && box.height >= 2) this.all.push({ element, box });
  }

  /** Whether something lies over most of an element's area. */
  hide(element: Element, area: Area): boolean {
    const size = (area.right - area.left) * (area.bottom - area.top);
    return this.all.some(({ element: cover, box }) => {
      const width = Math.min(area.right, box.right) - Math.max(area.left, box.left);
      const height = Math.min(area.bottom, box.bottom) - Math.max(area.top, box.top);
      if (width <= 0 || height <= 0 || width * height < size * COVERED) return false;
      if (cover === element || contains(cover, element) || contains(element, cover)) return false;
      return !isAncestorAcross(cover, element) && isAbove(cover, element);
    });
  }
}

function isOpaque(element: Element, style: CSSStyleDeclaration): boolean {
  if (style.visibility !== 'visible' || Number(style.opacity) < 0.5) return false;
  const isPainted =
    PICTURES.has(tag(element)) || style.backgroundImage !== 'none' || alpha(style.backgroundColor) >= 0.5;
  return isPainted && checkVisibility(element, { opacityProperty: true, visibilityProperty: true });
}

function alpha(colour: string): number {
  if (colour === 'transparent') return 0;
  const found = /[,/] ?([\d.]+)(%?)\)$/.exec(colour);
  const hasAlpha = colour.startsWith('rgba') || colour.includes('/');
  return found && hasAlpha ? Number(found[1]) / (found[2] ? 100 : 1) : 1;
}

function isAncestorAcross(cover: Element, element: Element): boolean {
  let depth = 0;
  for (let at = shownParent(element); at && depth < DEEPEST; at = shownParent(at), depth += 1) {
    if (at === cover) return true;
  }
  return false;
}

/** Whether one is painted over another: by the `z-index` below where their ways up meet, else by their order. */
function isAbove(cover: Element, element: Element): boolean {
  const meeting = commonParent(cover, element);
  const [over, under] = [level(cover, meeting), level(element, meeting)];
  if (over.index !== under.index) return over.index > under.index;
  if (over.isPositioned !== under.isPositioned) return over.isPositioned;
  return (comparePosition(element, cover) & FOLLOWING) !== 0;
}

function commonParent(one: Element, other: Element): Node | null {
  let at: Node | null = parentNode(one);
  for (let depth = 0; at && depth < DEEPEST; at = parentNode(at), depth += 1) if (contains(at, other)) return at;
  return null;
}

/** The outermost `z-index` on the way from a common parent down to an element. */
function level(element: Element, parent: Node | null): { index: number; isPositioned: boolean } {
  let index = 0;
  let isPositioned = false;
  let depth = 0;
  for (let at: Node | null = element; at && at !== parent && depth < DEEPEST; at = parentNode(at), depth += 1) {
    if (!isElement(at)) continue;
    const style = getComputedStyle(at);
    if (style.position !== 'static') isPositioned = true;
    if (style.zIndex !== 'auto') index = Number(style.zIndex);
  }
  return { index, isPositioned };
}
