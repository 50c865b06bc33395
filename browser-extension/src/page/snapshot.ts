import { titleOf, addressOf, attributeOf, contentTypeOf, rootOf } from './dom_access';
import { metadataOf, structuredIn } from './metadata';
import { focusedRange, SelectedText, selectedInField } from './selected';
import { Slices } from './slices';
import { TreeWriter } from './tree_stream';
import type { PageElement, Snapshot, SnapshotOptions } from './types';
import { withoutUnseen } from './unseen_characters';
import { View } from './view';
import { Walk } from './walk';

const MOST_CHARACTERS = 2_000_000;
const MOST_NODES = 200_000;
const LONGEST_TITLE = 500;
/** How often a page is walked anew without what is covered in it, as it may make that anew meanwhile. */
const MOST_ROUNDS = 2;

/**
 * What a person sees of a document, read in slices between which the page goes on. What cannot be seen is left out,
 * as people could not know that a model reads it.
 * @throws the reason of the signal when that ended it
 */
export async function takeSnapshot(document: Document, options: SnapshotOptions = {}): Promise<Snapshot> {
  const { maxCharacters = MOST_CHARACTERS, maxNodes = MOST_NODES, signal, chosen, send } = options;
  const slices = new Slices(signal);
  const view = new View(document);
  const range = options.selected ?? focusedRange(document);
  const walked = async (hidden: ReadonlySet<Node>): Promise<{ walk: Walk; selected: SelectedText | null }> => {
    // The page had its turn since it was measured.
    view.measure();
    const selected = SelectedText.of(range);
    const walk = new Walk(view, { maxCharacters, maxNodes, chosen: chosen ?? null, selected, hidden });
    const writer = new TreeWriter(walk.root, (element) => walk.isOpen(element));
    while (walk.step()) {
      if (!slices.isOver) continue;
      send?.(writer.next());
      await slices.pause();
      walk.resume();
    }
    send?.(writer.next());
    return { walk, selected };
  };
  const hidden = new Set<Node>();
  let { walk, selected } = await walked(hidden);
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const known = hidden.size;
    // What lies over a text may come long after it, so that all has to be seen before. Few pages have anything so hidden.
    await addHidden(walk, slices, hidden);
    if (hidden.size === known) break;
    walk.end();
    ({ walk, selected } = await walked(hidden));
  }
  walk.end();
  const structured = structuredIn(document);
  return {
    url: addressOf(document),
    contentType: contentTypeOf(document),
    title: withoutUnseen(titleOf(document).slice(0, LONGEST_TITLE)).replace(/\s+/g, ' ').trim(),
    language: languageOf(document),
    direction: view.isRightToLeft ? 'rtl' : 'ltr',
    metadata: metadataOf(document, structured),
    structured,
    links: walk.links,
    selection: selected?.result ?? selectedInField(document),
    root: walk.root,
    chosen: walk.chosen ? pathTo(walk.root, walk.chosen) : null,
    isCut: walk.isCut,
  };
}

/** Adds what was read in a walk although something lies over it. */
async function addHidden(walk: Walk, slices: Slices, hidden: Set<Node>): Promise<void> {
  for (const node of walk.covers.hidden()) {
    if (node) hidden.add(node);
    else if (slices.isOver) {
      await slices.pause();
      walk.resume();
    }
  }
}

function languageOf(document: Document): string | null {
  const root = rootOf(document);
  const language = root && (attributeOf(root, 'lang') ?? attributeOf(root, 'xml:lang'));
  return language && /^[a-z]{1,8}(?:[-_][a-z0-9]{1,8})*$/i.test(language) ? language.replaceAll('_', '-') : null;
}

/** Where an element is in a tree; null when it is not there, as nothing of it is seen. */
function pathTo(root: PageElement, wanted: PageElement): number[] | null {
  const open: { element: PageElement; path: number[] }[] = [{ element: root, path: [] }];
  for (let next = open.pop(); next; next = open.pop()) {
    const { element, path } = next;
    if (element === wanted) return path;
    element.children.forEach((child, index) => {
      if (typeof child !== 'string') open.push({ element: child, path: [...path, index] });
    });
  }
  return null;
}
