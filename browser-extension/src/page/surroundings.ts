import { markdownOf } from './markdown';
import { allIn, elementAt, headingLevel, lineOf } from './tree';
import type { PageElement, PageNode, Snapshot } from './types';

/** What stands around an element of a page. */
export interface Surroundings {
  /** The heading that it stands under; null when it stands under none, or that is in the passage. */
  heading: string | null;
  /** As Markdown. */
  passage: string;
  /** What is written below a picture; null when that is nothing. */
  caption: string | null;
}

/** About how much is told of what stands around, in characters. */
const MOST = 1500;

/** The element of a page that was chosen, with what stands around it; null when nothing of it is seen. */
export function chosenIn({ root, chosen }: Snapshot): { element: PageElement; around: Surroundings } | null {
  const element = chosen && elementAt(root, chosen);
  if (!element) return null;
  const path = [root, ...chosen.map((_, depth) => elementAt(root, chosen.slice(0, depth + 1)))];
  const elements = path.filter((one) => one !== null);
  const part = partAround(elements);
  const figure = elements.findLast((one) => one.tag === 'figure');
  const caption = figure && allIn(figure).find((one) => one.tag === 'figcaption');
  return {
    element,
    around: {
      heading: headingBefore(root, element, part),
      passage: markdownOf(part).slice(0, 2 * MOST),
      caption: caption === undefined ? null : lineOf(caption) || null,
    },
  };
}

/** As much around the last of these elements, each of which is in the one before, as is about the wanted length. */
function partAround(path: readonly PageElement[]): PageElement {
  let part = path.at(-1)!;
  for (const parent of path.slice(0, -1).reverse()) {
    if (lineOf(parent).length > MOST) return { ...parent, children: childrenAround(parent, part) };
    part = parent;
  }
  return part;
}

/** The children of an element from some before one to some after it, in turns. */
function childrenAround({ children }: PageElement, wanted: PageNode): PageNode[] {
  let [first, last] = [children.indexOf(wanted), children.indexOf(wanted)];
  let left = MOST - lengthOf(wanted);
  for (let grows = true; grows;) {
    grows = false;
    for (const at of [first - 1, last + 1]) {
      const child = children[at];
      const length = child === undefined ? Infinity : lengthOf(child);
      if (length > left) continue;
      left -= length;
      [first, last] = [Math.min(first, at), Math.max(last, at)];
      grows = true;
    }
  }
  return children.slice(first, last + 1);
}

function lengthOf(node: PageNode): number {
  return typeof node === 'string' ? node.length : lineOf(node).length;
}

function headingBefore(root: PageElement, element: PageElement, part: PageElement): string | null {
  const all = allIn(root);
  const heading = all.slice(0, all.indexOf(element)).findLast((one) => headingLevel(one) > 0);
  return heading === undefined || allIn(part).includes(heading) ? null : lineOf(heading) || null;
}
