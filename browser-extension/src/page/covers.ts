import { common, isAtLeast, isWithin, type Box } from './box';
import { isText, nameOf } from './dom_access';
import { isOpaque, isPicture, opaqueInset, type Inset } from './opaque';
import { sightIn, type Sight } from './sight';
import { Stacking } from './stacking';
import type { View } from './view';

/** Something that is read, and where it is. */
interface Piece {
  node: Node;
  /** How what it stands in is seen. */
  sight: Sight;
  box: Box;
  /** Its place in the order of the tree. */
  order: number;
}

/** An element that paints something, and lies perhaps over others. */
export interface Cover {
  sight: Sight;
  tag: string;
  /** All of it, and what is not cut off of that. */
  whole: Box;
  box: Box;
  /** Where in its box begins what hides things; null when that is nowhere, and undefined until it is asked for. */
  inset: Inset | null | undefined;
  /** The place of the last thing in it in the order of the tree; that of the element is the one of its sight. */
  end: number;
}

/** Covers are looked up by the part of the page that they are in, in CSS pixels down. */
const BAND = 400;
/** A cover that reaches over more of these is looked at for every text. */
const MOST_BANDS = 16;
/** How many covers are kept in a part of the page, and of those that are looked at for every text: the largest ones. */
const MOST_IN_BAND = 2000;
const MOST_TALL = 200;
/** How many things are looked at, and how many of them compared with covers, between two looks at the clock. */
const PIECES_A_STEP = 64;
const COMPARISONS_A_STEP = 256;
/** How often a thing and what may cover it are compared. What is not compared is read. */
const MOST_COMPARISONS = 500_000;
/** How many pictures are looked at whether they are clear somewhere. */
const MOST_PICTURES = 40;

/** Finds what nobody can see since something else that is opaque lies over all of it, wherever the page is scrolled to. */
export class Covers {
  private readonly pieces: Piece[] = [];
  private readonly bands = new Map<number, Cover[]>();
  private readonly tall: Cover[] = [];
  private readonly sights = new Map<Sight, Sight | null>();
  private readonly stacking = new Stacking();
  private pictures = 0;

  /** `boxOf` tells where a text is. */
  constructor(private readonly boxOf: (text: Text, view: View) => Box) {}

  /** Takes note of an element if it may lie over others. */
  consider(sight: Sight, tag: string): Cover | null {
    if (!isOpaque(sight, tag)) return null;
    const whole = sight.view.box(sight.element);
    const box = common(whole, sight.clip);
    if (!(box.right - box.left >= 8 && box.bottom - box.top >= 8)) return null;
    const cover: Cover = { sight, tag, whole, box, inset: undefined, end: Infinity };
    const [first, last] = [Math.floor(box.top / BAND), Math.floor(box.bottom / BAND)];
    if (last - first >= MOST_BANDS) keep(this.tall, cover, MOST_TALL);
    else {
      for (let band = first; band <= last; band++) {
        const covers = this.bands.get(band);
        if (covers) keep(covers, cover, MOST_IN_BAND);
        else this.bands.set(band, [cover]);
      }
    }
    return cover;
  }

  /** Takes note of something that is read. */
  add(node: Node, sight: Sight, box: Box, order: number): void {
    this.pieces.push({ node, sight, box: common(box, sight.clip), order });
  }

  /**
   * What is covered, once all is noted, and what was perhaps and is gone; null now and then, for a look at the clock, after which the
   * page may be another.
   */
  *hidden(): Generator<Node | null> {
    if (this.bands.size === 0 && this.tall.length === 0) return;
    let comparisons = 0;
    for (const [index, piece] of this.pieces.entries()) {
      if (index % PIECES_A_STEP === 0) yield* this.pause();
      for (const cover of this.near(piece)) {
        if (!mayHide(cover, piece)) continue;
        if (++comparisons > MOST_COMPARISONS) return;
        if (comparisons % COMPARISONS_A_STEP === 0) yield* this.pause();
        if (!this.hides(cover, piece)) continue;
        yield piece.node;
        break;
      }
    }
  }

  private *pause(): Generator<null> {
    yield null;
    this.sights.clear();
  }

  private near({ box }: Piece): Cover[] {
    const near = this.bands.get(Math.floor(box.top / BAND)) ?? [];
    return this.tall.length === 0 ? near : [...near, ...this.tall];
  }

  private hides(cover: Cover, { node, sight, box, order }: Piece): boolean {
    try {
      if (!this.stacking.staysOver(cover.sight, sight, node !== sight.element)) return false;
      if (!this.stacking.isOver(cover.sight, sight, order)) return false;
      if (cover.inset === undefined) {
        // It hides nothing either where the page does not let it be looked at.
        cover.inset = null;
        cover.inset = this.insetOf(cover);
      }
      const { inset } = cover;
      // What was not behind it when both were noted need not be measured anew.
      if (inset === null || !isWithin(box, opaquePart(cover.whole, inset, cover.box))) return false;
      return this.isBehind(node, sight, cover.sight, inset);
    } catch {
      // A page may make any of its nodes fail: what is not known to be covered is read.
      return false;
    }
  }

  private insetOf(cover: Cover): Inset | null {
    return isPicture(cover.tag) && ++this.pictures > MOST_PICTURES ? null : opaqueInset(cover);
  }

  /** Whether a thing is behind what a cover hides as the page is laid out now. Both were noted at their own times. */
  private isBehind(node: Node, sight: Sight, above: Sight, inset: Inset): boolean {
    const whole = isText(node) ? this.boxOf(node, sight.view) : sight.view.box(sight.element);
    // What is there no more does not count, and what has come for it meanwhile is to be looked at.
    if (!isAtLeast(whole, 1, 1)) return true;
    const [over, under] = [this.sightNow(above), this.sightNow(sight)];
    if (!over || !under) return false;
    const box = common(whole, under.clip);
    return isAtLeast(box, 1, 1) && isWithin(box, opaquePart(above.view.box(above.element), inset, over.clip));
  }

  /** How an element is seen now; null where nothing is seen of it any more. Kept until the page has had its turn. */
  private sightNow(sight: Sight): Sight | null {
    let now = this.sights.get(sight);
    if (now === undefined) {
      const around = sight.around && this.sightNow(sight.around);
      now = sight.around ? around && sightIn(sight.element, nameOf(sight.element), around, sight.order) : sight;
      this.sights.set(sight, now);
    }
    return now;
  }
}

/** The part of a box, as far as it is not cut off, that hides what is behind it. */
function opaquePart({ left, top, right, bottom }: Box, { across, down }: Inset, clip: Box): Box {
  return common({ left: left + across, top: top + down, right: right - across, bottom: bottom - down }, clip);
}

/** Adds a cover to others, of which the largest ones are kept when they are too many. */
function keep(covers: Cover[], cover: Cover, most: number): void {
  covers.push(cover);
  if (covers.length < 2 * most) return;
  covers.sort((one, other) => areaOf(other.box) - areaOf(one.box));
  covers.length = most;
}

function areaOf({ left, top, right, bottom }: Box): number {
  return (right - left) * (bottom - top);
}

/** Whether a thing lies in the box of an element and does not stand in it, as it would then be painted above it. */
function mayHide({ sight, box, end }: Cover, piece: Piece): boolean {
  return (
    isWithin(piece.box, box) && sight.view === piece.sight.view && !(sight.order <= piece.order && piece.order <= end)
  );
}
