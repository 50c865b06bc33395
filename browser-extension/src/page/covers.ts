import { common, isWithin, NOTHING, type Box } from './box';
import type { Sight } from './sight';
import { isOpaque, isPicture, opaquePart } from './opaque';
import { Stacking } from './stacking';

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
  box: Box;
  /** The part of it that hides what is behind it; undefined until that is asked for. */
  part: Box | undefined;
  /** The place of the last thing in it in the order of the tree; that of the element is the one of its sight. */
  end: number;
}

/** Covers are looked up by the part of the page that they are in, in CSS pixels down. */
const BAND = 400;
/** A cover that reaches over more of these is looked at for every text. */
const MOST_BANDS = 50;
const MOST_TALL = 200;
const MOST = 5000;
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
  private readonly stacking = new Stacking();
  private count = 0;
  private pictures = 0;

  /** Takes note of an element if it may lie over others. */
  consider(sight: Sight, tag: string): Cover | null {
    if (this.count >= MOST || !isOpaque(sight, tag)) return null;
    const box = common(sight.view.box(sight.element), sight.clip);
    if (!(box.right - box.left >= 8 && box.bottom - box.top >= 8)) return null;
    const cover: Cover = { sight, tag, box, part: undefined, end: Infinity };
    const [first, last] = [Math.floor(box.top / BAND), Math.floor(box.bottom / BAND)];
    if (last - first >= MOST_BANDS) {
      if (this.tall.length >= MOST_TALL) return null;
      this.tall.push(cover);
    } else {
      for (let band = first; band <= last; band++) {
        const covers = this.bands.get(band);
        if (covers) covers.push(cover);
        else this.bands.set(band, [cover]);
      }
    }
    this.count++;
    return cover;
  }

  /** Takes note of something that is read. */
  add(node: Node, sight: Sight, box: Box, order: number): void {
    this.pieces.push({ node, sight, box, order });
  }

  /** What is covered, once all is noted; null now and then, for a look at the clock. */
  *hidden(): Generator<Node | null> {
    if (this.count === 0) return;
    let comparisons = 0;
    for (const [index, piece] of this.pieces.entries()) {
      if (index % PIECES_A_STEP === 0) yield null;
      for (const cover of this.near(piece)) {
        if (!mayHide(cover, piece)) continue;
        if (++comparisons > MOST_COMPARISONS) return;
        if (comparisons % COMPARISONS_A_STEP === 0) yield null;
        if (!this.hides(cover, piece)) continue;
        yield piece.node;
        break;
      }
    }
  }

  private near({ box }: Piece): Cover[] {
    const near = this.bands.get(Math.floor(box.top / BAND)) ?? [];
    return this.tall.length === 0 ? near : [...near, ...this.tall];
  }

  private hides(cover: Cover, { sight, box, order }: Piece): boolean {
    try {
      if (!this.stacking.staysOver(cover.sight, sight) || !this.stacking.isOver(cover.sight, sight, order))
        return false;
      cover.part ??= this.partOf(cover);
      return isWithin(box, cover.part);
    } catch {
      // A page may make any of its nodes fail: what is not known to be covered is read.
      return false;
    }
  }

  private partOf(cover: Cover): Box {
    return isPicture(cover.tag) && ++this.pictures > MOST_PICTURES ? NOTHING : opaquePart(cover);
  }
}

/** Whether a thing lies in the box of an element and does not stand in it, as it would then be painted above it. */
function mayHide({ sight, box, end }: Cover, piece: Piece): boolean {
  return (
    isWithin(piece.box, box) && sight.view === piece.sight.view && !(sight.order <= piece.order && piece.order <= end)
  );
}
