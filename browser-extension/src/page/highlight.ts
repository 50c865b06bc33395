import { documentOf, isElement, parentOf, viewOf } from './dom_access';

/** The name of the highlight, for a style sheet that the extension itself puts into the page. */
export const HIGHLIGHT = 'ambit-passage';

/** How a highlighted passage is shown, where the page cannot be given a style sheet otherwise. */
export const HIGHLIGHT_STYLE = `::highlight(${HIGHLIGHT}) { background-color: #ffd54a; color: #1b1b1b; }`;

const { scrollIntoView } = Element.prototype;
const { getRootNode } = Node.prototype;
const { getBoundingClientRect } = Range.prototype;

/** A passage that is highlighted in its page. */
export interface Highlighted {
  /** Takes the highlight away. */
  clear(): void;
}

/**
 * Scrolls to a range, so that it stands in the middle, and highlights it. The page's elements stay as they are. In a
 * browser that does not know custom highlights it only scrolls.
 */
export function highlight(range: Range): Highlighted {
  const document = documentOf(range.startContainer);
  const view = document && viewOf(document);
  if (!document || !view) return { clear: () => undefined };
  scrollTo(range, view);
  const { CSS, Highlight } = view as Window & typeof globalThis;
  if (Highlight === undefined || !CSS?.highlights) return { clear: () => undefined };
  CSS.highlights.set(HIGHLIGHT, new Highlight(range));
  const takeBack = styled(getRootNode.call(range.startContainer), view);
  const takeBackOutside = styled(document, view);
  return {
    clear: () => {
      CSS.highlights.delete(HIGHLIGHT);
      takeBack();
      takeBackOutside();
    },
  };
}

function scrollTo(range: Range, view: Window): void {
  const { startContainer } = range;
  const element = isElement(startContainer) ? startContainer : parentOf(startContainer);
  if (element && isElement(element)) {
    scrollIntoView.call(element, { block: 'center', inline: 'nearest', behavior: 'instant' });
  }
  // A long paragraph may be in the middle while the passage in it is not.
  const { top, height } = getBoundingClientRect.call(range);
  const centre = top + Math.min(height, view.innerHeight) / 2;
  if (centre < 0.3 * view.innerHeight || centre > 0.7 * view.innerHeight) {
    view.scrollBy({ top: centre - view.innerHeight / 2, behavior: 'instant' });
  }
}

/** Gives a tree the style of the highlight; gives what takes it back. */
function styled(tree: Node, view: Window): () => void {
  const { adoptedStyleSheets } = tree as Partial<Document>;
  if (!adoptedStyleSheets) return () => undefined;
  try {
    const sheet = new (view as Window & typeof globalThis).CSSStyleSheet();
    sheet.replaceSync(HIGHLIGHT_STYLE);
    adoptedStyleSheets.push(sheet);
    return () => {
      const at = adoptedStyleSheets.indexOf(sheet);
      if (at >= 0) adoptedStyleSheets.splice(at, 1);
    };
  } catch {
    // Firefox keeps style sheets of pages from content scripts, so that there the extension adds this one.
    return () => undefined;
  }
}
