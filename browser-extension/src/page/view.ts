import { boxOf, EVERYWHERE, type Box } from './box';
import { elementsIn, rectangleOf, rootOf, styleOf, viewOf } from './dom_access';
import { canvasOf, type Ground } from './ground';

/** A document as it is shown: how far it is scrolled, and what of it can be scrolled to. */
export class View {
  private readonly window: Window | null;
  /** What can be reached by scrolling. It ends where the page begins, and on the right where it lets nobody scroll. */
  readonly reach: Box;
  /** What it is painted on. */
  readonly ground: Ground;
  readonly isRightToLeft: boolean;
  /** The width of the window or frame in CSS pixels. */
  width = 0;
  private height = 0;
  private scrollX = 0;
  private scrollY = 0;

  /** `around`: what a frame is painted on, and how large it is when it cannot be scrolled. */
  constructor(
    readonly document: Document,
    around: { ground: Ground; size: Box | null } | null = null,
  ) {
    this.window = viewOf(document);
    this.measure();
    const root = rootOf(document);
    const styles = [root, elementsIn(document, 'body')[0]].flatMap((element) => (element ? [styleOf(element)] : []));
    this.isRightToLeft = styles.some(({ direction }) => direction === 'rtl');
    const isFixed = styles.some(({ overflowX }) => overflowX === 'hidden' || overflowX === 'clip');
    const { width } = this;
    this.reach = {
      ...EVERYWHERE,
      top: 0,
      left: !this.isRightToLeft || isFixed ? 0 : -Infinity,
      right: this.isRightToLeft || isFixed ? width : Infinity,
    };
    if (around?.size) this.reach = around.size;
    const prefersDark = this.window?.matchMedia?.('(prefers-color-scheme: dark)').matches === true;
    this.ground = around?.ground ?? canvasOf(styles[0]?.colorScheme ?? '', prefersDark);
  }

  /** Takes note of how large the window is and how far it is scrolled, which are asked for too often to be read anew. */
  measure(): void {
    this.width = numberOr(this.window?.innerWidth, 1280);
    this.height = numberOr(this.window?.innerHeight, 720);
    this.scrollX = numberOr(this.window?.scrollX, 0);
    this.scrollY = numberOr(this.window?.scrollY, 0);
  }

  /** The part of the page that is in the window. */
  get shown(): Box {
    const { scrollX: left, scrollY: top } = this;
    return { left, top, right: left + this.width, bottom: top + this.height };
  }

  /** The box of an element in the page. */
  box(element: Element): Box {
    return this.boxOf(rectangleOf(element));
  }

  /** A rectangle that was measured just now, as a box in the page. */
  boxOf(rectangle: DOMRectReadOnly): Box {
    return boxOf(rectangle, this.scrollX, this.scrollY);
  }
}

function numberOr(value: unknown, otherwise: number): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : otherwise;
}
