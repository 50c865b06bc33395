// In which order a page is painted, after appendix E of CSS 2 and what later parts of CSS add to it.

import { clientHeightOf, clientWidthOf, isNamedBy, nameOf, scrollHeightOf, scrollWidthOf } from './dom_access';
import { CONTAINED, holdsPlaced, type Sight } from './sight';

/** Something that is painted as one, in the order of what it stands in. */
interface Layer {
  /** The z-index; below 0 by less than one where it is painted with what flows. */
  level: number;
  order: number;
  /** Whether what is in it has an order of its own. */
  isContext: boolean;
}

/** With what things change their place: those that move with the same stay as they are to each other. */
type Mover = Sight | 'page' | 'window';

const FLOAT = -0.75;
const INLINE = -0.5;
/** The names of elements whose content is painted as one. */
const REPLACED = new Set(['img', 'canvas', 'video', 'iframe', 'object', 'embed']);
const ATOMIC = /^(?:inline-(?:block|flex|grid|table)|inline flow-root)$/;
const CONTEXT_CONTAINED = /layout|paint|strict|content/;
const CONTEXT_CHANGED =
  /opacity|transform|filter|perspective|translate|rotate|scale|clip-path|mask|isolation|mix-blend-mode|z-index|position/;

/** Whether an element is painted as one, and not in parts with what is around it. */
export function isPaintedAsOne(sight: Sight, tag: string): boolean {
  return REPLACED.has(tag) || layerOf(sight) !== null;
}

/** Tells what lies over what. For one look at a page, as what was found out is kept. */
export class Stacking {
  private readonly layers = new Map<Sight, readonly Layer[] | null>();
  private readonly scrolled = new Map<Sight, boolean>();
  private readonly movers = new Map<Sight, Mover>();
  private readonly apart = new Map<Sight, boolean>();

  /**
   * Whether an element is painted over a thing of that order which is in neither of the two, and stands in the other. False where
   * that is not sure.
   */
  isOver(over: Sight, under: Sight, order: number): boolean {
    const [above, below] = [this.layersOf(over), this.layersOf(under)];
    if (!above || !below) return false;
    const flowing: Layer = { level: INLINE, order: over.order, isContext: false };
    const text: Layer = { level: INLINE, order, isContext: false };
    for (let depth = 0; ; depth++) {
      // A picture that flows has no layer, and is painted in its line.
      const upper = above[depth] ?? flowing;
      const lower = below[depth] ?? text;
      if (upper.order !== lower.order) {
        return upper.level > lower.level || (upper.level === lower.level && upper.order > lower.order);
      }
      if (upper === flowing || lower === text) return false;
    }
  }

  /**
   * Whether an element stays where it is over another, or what stands in that, however the page and its parts are scrolled, and is
   * painted there as it is.
   */
  staysOver(element: Sight, other: Sight, isInOther: boolean): boolean {
    if (this.moverOf(element) !== (isInOther ? this.moverIn(other) : this.moverOf(other))) return false;
    const around = new Set<Sight>();
    for (let at: Sight | null = other; at; at = at.around) around.add(at);
    let shared: Sight | null = element;
    for (; shared && !around.has(shared); shared = shared.around) {
      if (isShaped(shared) || this.isApart(shared) || (shared !== element && isCutRound(shared))) return false;
    }
    for (let at: Sight | null = other; at && at !== shared; at = at.around) if (this.isApart(at)) return false;
    return true;
  }

  private isApart(sight: Sight): boolean {
    let apart = this.apart.get(sight);
    if (apart === undefined) this.apart.set(sight, (apart = isApart(sight)));
    return apart;
  }

  /** With what the place of an element changes against others: what scrolls it, itself where it sticks, or the page or its window. */
  private moverOf(sight: Sight): Mover {
    let mover = this.movers.get(sight);
    if (mover === undefined) this.movers.set(sight, (mover = this.moverAround(sight)));
    return mover;
  }

  private moverAround(sight: Sight): Mover {
    const { position } = sight.style;
    if (position === 'sticky') return sight;
    let { around } = sight;
    if (position === 'fixed' || position === 'absolute') {
      while (around && !holdsPlaced(around, position)) ({ around } = around);
      if (!around && position === 'fixed') return 'window';
    }
    return around ? this.moverIn(around) : 'page';
  }

  /** The same of what stands in an element. */
  private moverIn(sight: Sight): Mover {
    let scrolls = this.scrolled.get(sight);
    if (scrolls === undefined) this.scrolled.set(sight, (scrolls = canScroll(sight)));
    return scrolls ? sight : this.moverOf(sight);
  }

  private layersOf(sight: Sight): readonly Layer[] | null {
    let layers = this.layers.get(sight);
    if (layers === undefined) {
      const around = sight.around === null ? [] : this.layersOf(sight.around);
      this.layers.set(sight, (layers = around && layersWith(around, sight)));
    }
    return layers;
  }
}

/** Whether a part of an element may be missing, or it may be clear somewhere. */
function isShaped({ style: { maskImage, filter, clipPath } }: Sight): boolean {
  const isBox = isNone(clipPath) || (clipPath.startsWith('inset(') && !clipPath.includes('round'));
  return !isNone(maskImage) || !isNone(filter) || !isBox;
}

/** Whether an element cuts off the corners of what is in it. */
function isCutRound({ style }: Sight): boolean {
  if (style.overflow === 'visible' && !CONTAINED.test(style.contain)) return false;
  const { borderTopLeftRadius, borderTopRightRadius, borderBottomLeftRadius, borderBottomRightRadius } = style;
  return [borderTopLeftRadius, borderTopRightRadius, borderBottomLeftRadius, borderBottomRightRadius].some(
    (radius) => Number.parseFloat(radius) > 0,
  );
}

function canScroll({ style, element, around }: Sight): boolean {
  if (!/auto|scroll|overlay/.test(`${style.overflowX} ${style.overflowY}`)) return false;
  const name = nameOf(element);
  // What the root says counts for the window, and so does what the body says where the root says nothing.
  if (name === 'html' || (name === 'body' && around?.style.overflow === 'visible')) return false;
  return scrollHeightOf(element) > clientHeightOf(element) + 1 || scrollWidthOf(element) > clientWidthOf(element) + 1;
}

/** The layers that an element is in, from the outermost on, with its own after those around it; null where their order is not sure. */
function layersWith(around: readonly Layer[], sight: Sight): readonly Layer[] | null {
  if (sight.display === 'contents') return around;
  // Items of a row or grid that are put into another order are painted in that.
  if (isTurned(sight) || (sight.style.order !== '0' && isLaidOutIn(sight.around))) return null;
  const layer = layerOf(sight);
  if (!layer) return around;
  // What has a place of its own is painted with the other such things of its context, whatever it stands in there.
  const isOwn = layer.level !== FLOAT && layer.level !== INLINE;
  return [...(isOwn ? around.slice(0, around.findLastIndex(({ isContext }) => isContext) + 1) : around), layer];
}

/** Whether what is in an element is an item of a row or grid, which may be around an element that makes no box. */
function isLaidOutIn(around: Sight | null): boolean {
  let box = around;
  while (box?.display === 'contents') box = box.around;
  return box !== null && /(?:flex|grid)$/.test(box.display);
}

/** The layer that an element makes; null when it is painted in parts. */
function layerOf({ style, display, order, around }: Sight): Layer | null {
  const isPositioned = style.position !== 'static';
  const isItem = isLaidOutIn(around);
  const hasIndex = style.zIndex !== 'auto' && (isPositioned || isItem);
  const isContext = hasIndex || makesContext(style);
  if (isPositioned || isContext) return { level: hasIndex ? Number(style.zIndex) : 0, order, isContext };
  if (isItem || ATOMIC.test(display)) return { level: INLINE, order, isContext: false };
  return style.float === 'none' || style.float === '' ? null : { level: FLOAT, order, isContext: false };
}

function makesContext(style: CSSStyleDeclaration): boolean {
  if (
    Number(style.opacity) < 1 ||
    style.isolation === 'isolate' ||
    ![style.filter, style.getPropertyValue('backdrop-filter'), style.clipPath, style.maskImage].every(isNone) ||
    (style.mixBlendMode !== 'normal' && style.mixBlendMode !== '') ||
    CONTEXT_CHANGED.test(style.willChange) ||
    !isNone(style.getPropertyValue('view-transition-name'))
  ) {
    return true;
  }
  if (style.position === 'fixed' || style.position === 'sticky') return true;
  // The others do nothing to what flows in lines.
  if (style.display === 'inline' && style.position === 'static') return false;
  return (
    ![style.transform, style.translate, style.rotate, style.scale, style.perspective].every(isNone) ||
    CONTEXT_CONTAINED.test(style.contain) ||
    style.transformStyle === 'preserve-3d' ||
    style.contentVisibility === 'auto'
  );
}

/** Whether an element is turned, so that its box says little of where it is. */
function isTurned({ style }: Sight): boolean {
  if (!isNone(style.rotate) && !(Number.parseFloat(style.rotate) % 360 === 0 && /^-?[\d.]+deg$/.test(style.rotate))) {
    return true;
  }
  if (!isNone(style.getPropertyValue('offset-path'))) return true;
  if (isNone(style.transform)) return false;
  const { m12, m13, m14, m21, m23, m24, m31, m32, m34 } = new DOMMatrix(style.transform);
  return [m12, m13, m14, m21, m23, m24, m31, m32, m34].some((part) => Math.abs(part) > 0.001);
}

/**
 * Whether an element may be before or behind others in another order than that of its layer. What stands in it is in an order of its
 * own nevertheless.
 */
function isApart({ style, element }: Sight): boolean {
  return (
    !/^(?:normal|)$/.test(style.getPropertyValue('container-type')) ||
    (!isNone(style.translate) && style.translate.split(' ').length > 2) ||
    (!isNone(style.transform) && Math.abs(new DOMMatrix(style.transform).m43) > 0.001) ||
    isNamedBy(element, ':popover-open, :modal, :fullscreen')
  );
}

function isNone(value: string | undefined): boolean {
  return value === undefined || value === 'none' || value === '';
}
