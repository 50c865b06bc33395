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
  const walked = async (hidden: ReadonlySet<Node> | null): Promise<{ walk: Walk; selected: SelectedText | null }> => {
    const selected = SelectedText.of(range);
    const walk = new Walk(view, { maxCharacters, maxNodes, chosen: chosen ?? null, selected, hidden });
    const writer = new TreeWriter(walk.root, (element) => walk.isOpen(element));
    while (walk.step()) {
      if (!slices.isOver) continue;
      send?.(writer.next());
      await slices.pause();
      walk.resume();
    }
    walk.end();
    send?.(writer.next());
    return { walk, selected };
  };
  const first = await walked(null);
  // What lies over a text may come long after it, so that all has to be seen before. Few pages have anything so hidden.
  const hidden = await hiddenIn(first.walk, slices);
  const { walk, selected } = hidden.size === 0 ? first : await walked(hidden);
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

/** What was read although something lies over it. */
async function hiddenIn({ covers }: Walk, slices: Slices): Promise<Set<Node>> {
  const hidden = new Set<Node>();
  for (const node of covers.hidden()) {
    if (node) hidden.add(node);
    else if (slices.isOver) await slices.pause();
  }
  return hidden;
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
