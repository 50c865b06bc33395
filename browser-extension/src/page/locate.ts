import { exactPassages, likelyPassage, type Passage } from './alignment';
import { documentOf } from './dom_access';
import { wordsIn, type PlacedWord } from './live_text';
import { plainQuotation, UNPARTED, wordsOf } from './quotation';

/** How many places where a quotation stands are looked at for one that is shown. */
const MOST_PLACES = 50;

const { getRootNode } = Node.prototype;
const { createRange } = Document.prototype;
const { setStart, setEnd, getClientRects } = Range.prototype;

/**
 * Where a passage of the page's text, as Markdown, stands in the page: by its words, so that neither marks nor white
 * space nor punctuation count, and also when the page has changed a little since. Of a passage that begins in one
 * frame or shadow tree and goes on in another it is the part with the most words, as a range cannot hold both. Null
 * when nothing in the page is alike enough.
 */
export function locate(document: Document, quotation: string): Range | null {
  const wanted = wordsOf(plainQuotation(quotation)).map(({ word }) => word);
  if (wanted.length === 0) return null;
  const placed = whole(wordsIn(document));
  const words = placed.map(([first, ...rest]) => first.word + rest.map(({ word }) => word).join(''));
  const exact = exactPassages(words, wanted, MOST_PLACES).map((passage) => rangeOf(placed, passage));
  const shown = exact.find((range) => range !== null && getClientRects.call(range).length > 0);
  if (shown) return shown;
  const likely = likelyPassage(words, wanted);
  return likely ? rangeOf(placed, likely) : null;
}

/** A word in the pieces in which the page writes it. */
type Whole = [PlacedWord, ...PlacedWord[]];

/** Words whose pieces stand in several elements as one each. */
function whole(pieces: PlacedWord[]): Whole[] {
  const words: Whole[] = [];
  for (const piece of pieces) {
    const before = words.at(-1);
    if (before && piece.isContinued && !isSign(before[0].word) && !isSign(piece.word)) before.push(piece);
    else words.push([piece]);
  }
  return words;
}

function isSign(word: string): boolean {
  return UNPARTED.test(word);
}

/** The range of a passage in the tree that holds most of its words. */
function rangeOf(placed: readonly Whole[], { first, last }: Passage): Range | null {
  const byRoot = new Map<Node, PlacedWord[]>();
  for (const piece of placed.slice(first, last + 1).flat()) {
    const root = getRootNode.call(piece.node);
    const pieces = byRoot.get(root);
    if (pieces) pieces.push(piece);
    else byRoot.set(root, [piece]);
  }
  const [pieces = []] = [...byRoot.values()].sort((one, other) => other.length - one.length);
  const [begin, end] = [pieces[0], pieces.at(-1)];
  const document = begin && documentOf(begin.node);
  if (!begin || !end || !document) return null;
  const range = createRange.call(document);
  try {
    setStart.call(range, begin.node, begin.start);
    setEnd.call(range, end.node, end.end);
    // What a slot shows first may stand last in the document.
    if (range.collapsed) {
      setStart.call(range, begin.node, begin.start);
      setEnd.call(range, begin.node, begin.end);
    }
  } catch {
    // The page changed while it was read.
    return null;
  }
  return range;
}
