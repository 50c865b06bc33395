import { attributesOf, pictureAttributesOf } from './attributes';
import { controlOf } from './controls';
import { Covers, type Cover } from './covers';
import {
  attributeOf,
  dataOf,
  frameDocumentOf,
  hasAttributeOf,
  isElement,
  isText,
  nameOf,
  rootOf,
  shownChildrenOf,
} from './dom_access';
import type { SelectedText } from './selected';
import { sightIn, sightOf, sightThrough, type Sight } from './sight';
import { isSizeable, TextMeasure } from './text_sight';
import { bodyOf } from './tree_stream';
import type { Attributes, PageElement, PageLink, PageNode } from './types';
import { withoutUnseen } from './unseen_characters';
import { View } from './view';

/** Deeper trees are told flat, as whoever reads the snapshot goes down into it. */
const DEEPEST = 120;
const MOST_FRAMES = 60;
const DEEPEST_FRAME = 4;
const MOST_LINKS = 2000;
const LONGEST_LINK_TEXT = 300;
/** How many nodes are looked at between two looks at the clock. */
const NODES_A_STEP = 16;

/** What of these is ever seen is not text of the page. */
const NEVER_READ = new Set(
  'script style noscript template head title desc defs metadata symbol clippath mask pattern marker datalist'.split(
    ' ',
  ),
);
const CONTROLS = new Set(['input', 'textarea', 'select']);
const EMPTY_BUT_KEPT = new Set([
  'br',
  'hr',
  'wbr',
  'td',
  'th',
  'tr',
  'img',
  'input',
  'meta',
  'link',
  'col',
  'colgroup',
]);
const BLANK = /^[ \t\n\r\f]*$/;
const COLLAPSES = /[\t\n\r\f]| {2}/;
const INLINE = /^(?:inline|ruby|contents|math|none|-webkit-inline|$)/;
const PHRASES = new Set('a abbr b button code em i label mark small span strong sub sup time u'.split(' '));

/** How far a walk goes, and what it is to note on its way. */
export interface Bounds {
  maxCharacters: number;
  maxNodes: number;
  chosen: Element | null;
  selected: SelectedText | null;
  /** What is known to be hidden by what lies over it. */
  hidden: ReadonlySet<Node>;
}

/** An element that the walk is in. */
interface Place {
  node: Element;
  /** Null where it adds to what is around it, as the tree is too deep or it is a slot. */
  element: PageElement | null;
  out: PageNode[];
  children: Node[];
  next: number;
  sight: Sight;
  depth: number;
  frames: number;
  isPicture: boolean;
  /** Whether its own texts are painted so that they can be read; null until it has one. */
  isLegible: boolean | null;
  keepsSpace: boolean;
  /** The element as something that may lie over others; null when it does not. */
  cover: Cover | null;
}

/** A walk through the tree of a page as it is shown, which notes what is seen on the way. */
export class Walk {
  readonly root = bodyOf();
  readonly links: PageLink[] = [];
  readonly covers: Covers;
  chosen: PageElement | null = null;
  isCut = false;
  private readonly places: Place[] = [];
  private readonly open = new Set<PageElement>();
  private readonly views: View[];
  private readonly measure: TextMeasure;
  private readonly linked = new Set<string>();
  private nodes = 0;
  private characters = 0;
  private frames = 0;

  constructor(
    view: View,
    private readonly bounds: Bounds,
  ) {
    this.measure = new TextMeasure(view.document);
    this.covers = new Covers((text, inView) => this.measure.boxOf(text, inView));
    this.views = [view];
    const root = rootOf(view.document);
    if (root) {
      this.places.push(placeOf(root, this.root, sightOf(view, root), [root]));
    }
  }

  /** Goes on by some nodes; gives false when there is nothing left to be read. */
  step(): boolean {
    const { frames } = this;
    // The first look at a frame has the browser lay it out, which takes as long as many nodes.
    for (let count = 0; count < NODES_A_STEP && this.frames === frames; count++) {
      const place = this.places.at(-1);
      if (!place) return false;
      if (this.isCut) {
        this.leave(place);
        continue;
      }
      const child = place.children[place.next++];
      if (child) this.meet(child, place);
      else this.leave(place);
    }
    return true;
  }

  /** Whether something may still come into an element, which is left out again when nothing does. */
  isOpen(element: PageElement): boolean {
    return this.open.has(element);
  }

  /** Takes note of what may have changed while the page went on. */
  resume(): void {
    for (const view of this.views) view.measure();
  }

  /** Lets go of the page's nodes. */
  end(): void {
    this.measure.end();
  }

  private meet(node: Node, place: Place): void {
    if (++this.nodes > this.bounds.maxNodes) {
      this.isCut = true;
      return;
    }
    if (this.bounds.hidden.has(node)) return;
    try {
      if (isText(node)) this.read(node, place);
      else if (isElement(node)) this.enter(node, place);
    } catch {
      // A page may make any of its nodes fail, or take them away meanwhile: it is read without them.
    }
  }

  private read(node: Text, place: Place): void {
    const data = dataOf(node);
    const { out, sight } = place;
    const isBlank = BLANK.test(data);
    // Most white space stands between blocks and is not seen: whether it would be legible need not be asked.
    if (isBlank && !partsWords(data, out)) return;
    if (place.isLegible === null) {
      place.isLegible = this.measure.isLegible(place.node, sight, place.isPicture);
      place.keepsSpace = /^(?:pre|break-spaces)/.test(sight.style.whiteSpace);
      if (place.keepsSpace && place.element) place.element.keepsSpace = true;
    }
    if (!place.isLegible) return;
    const tidy = place.keepsSpace ? tidyKept : tidyCollapsed;
    if (isBlank) {
      out.push(place.keepsSpace ? data : ' ');
      this.bounds.selected?.add(node, data, ' ', tidy);
      return;
    }
    const box = this.measure.boxOf(node, sight.view);
    let seen = tidy(this.measure.seen(node, data, box, sight));
    if (seen.trim() === '') return;
    this.covers.add(node, sight, box, this.nodes);
    const left = this.bounds.maxCharacters - this.characters;
    if (seen.length > left) {
      this.isCut = true;
      seen = seen.slice(0, left);
    }
    this.characters += seen.length;
    out.push(seen);
    this.bounds.selected?.add(node, data, seen, tidy);
  }

  private enter(node: Element, place: Place): void {
    const tag = tagOf(nameOf(node));
    if (NEVER_READ.has(tag)) return;
    if (tag === 'meta' || tag === 'link') {
      if (hasAttributeOf(node, 'itemprop') || hasAttributeOf(node, 'property'))
        place.out.push(bare(tag, attributesOf(node)));
      return;
    }
    const sight = sightIn(node, tag, place.sight, this.nodes);
    if (!sight) return;
    const { display } = sight;
    const isBlock = !INLINE.test(display) && tag !== 'br';
    if (place.sight.display.endsWith('flex') && PHRASES.has(tag)) {
      // Such a row has gaps where its source may have none.
      if (place.out.length > 0) {
        place.out.push(' ');
        this.bounds.selected?.addBreak(' ');
      }
      this.go(node, tag, sight, place, /^column/.test(place.sight.style.flexDirection));
    } else if (CONTROLS.has(tag)) this.add(this.controlIn(node, tag, sight), place, sight);
    else if (tag === 'img') this.add(pictureIn(node, sight, node === this.bounds.chosen), place, sight);
    else if (tag === 'iframe') this.openFrame(node, sight, place);
    else this.go(node, tag, sight, place, isBlock);
  }

  private controlIn(node: Element, tag: string, sight: Sight): PageElement | null {
    const control = isSizeable(node, sight) ? controlOf(node, tag) : null;
    if (control && control.children.length === 0) return sight.style.visibility === 'visible' ? control : null;
    return control && this.measure.isLegible(node, sight, false) ? control : null;
  }

  private add(element: PageElement | null, place: Place, sight: Sight): void {
    const { element: node, view, order } = sight;
    const cover = this.covers.consider(sight, tagOf(nameOf(node)));
    if (cover) cover.end = order;
    if (!element) return;
    this.covers.add(node, sight, view.box(node), order);
    if (node === this.bounds.chosen) this.chosen = element;
    for (const child of element.children) this.characters += typeof child === 'string' ? child.length : 0;
    place.out.push(element);
  }

  private go(node: Element, tag: string, sight: Sight, around: Place, isBlock: boolean): void {
    const isDeep = around.depth >= DEEPEST && node !== this.bounds.chosen;
    const isFlat = tag === 'slot' || tag === 'html' || tag === 'body' || isDeep;
    const element: PageElement | null = isFlat ? null : { tag, attributes: attributesOf(node), children: [] };
    if (element && isBlock) element.isBlock = true;
    if (node === this.bounds.chosen) this.chosen = element;
    if (isBlock || tag === 'br') this.bounds.selected?.addBreak();
    const isClosed = tag === 'details' && !hasAttributeOf(node, 'open');
    const children = shownChildrenOf(node, this.bounds.maxNodes - this.nodes + 1);
    const place = placeOf(node, element, sight, isClosed ? summaryOf(children) : children, around);
    place.isPicture = tag === 'svg' || (around.isPicture && tag !== 'foreignobject');
    place.cover = this.covers.consider(sight, tag);
    this.begin(place, around);
  }

  private openFrame(node: Element, sight: Sight, around: Place): void {
    const content = frameDocumentOf(node);
    const root = content && rootOf(content);
    if (!root || around.frames >= DEEPEST_FRAME || ++this.frames > MOST_FRAMES) return;
    const through = sightThrough(node, sight);
    if (!through) return;
    const size = /^no$/i.test(attributeOf(node, 'scrolling') ?? '') ? through.size : null;
    const view = new View(content, { ground: through.ground, size });
    this.views.push(view);
    this.covers.add(node, sight, sight.view.box(node), this.nodes);
    const inside = sightOf(view, root, this.nodes, sight.opacity);
    const element: PageElement = { tag: 'iframe', attributes: {}, children: [], isBlock: true };
    const place = placeOf(node, element, inside, [root], around);
    place.frames++;
    this.begin(place, around);
  }

  private begin(place: Place, around: Place): void {
    this.places.push(place);
    if (!place.element) return;
    around.out.push(place.element);
    this.open.add(place.element);
  }

  private leave({ element, cover }: Place): void {
    this.places.pop();
    if (cover) cover.end = this.nodes;
    const around = this.places.at(-1);
    if (!element || !around) return;
    this.open.delete(element);
    if (element.isBlock) this.bounds.selected?.addBreak();
    if (element.children.length === 0 && element !== this.chosen && !isKeptEmpty(element)) around.out.pop();
    else if (element.tag === 'a') this.note(element);
  }

  private note(element: PageElement): void {
    const address = element.attributes.href;
    if (address === undefined || this.links.length >= MOST_LINKS) return;
    const text = textOf(element).replace(/\s+/g, ' ').trim().slice(0, LONGEST_LINK_TEXT);
    const key = `${address} ${text}`;
    if (text === '' || this.linked.has(key)) return;
    this.linked.add(key);
    this.links.push({ text, address });
  }
}

function placeOf(node: Element, element: PageElement | null, sight: Sight, children: Node[], around?: Place): Place {
  return {
    node,
    element,
    out: element?.children ?? around?.out ?? [],
    children,
    next: 0,
    sight,
    depth: (around?.depth ?? 0) + (element ? 1 : 0),
    frames: around?.frames ?? 0,
    isPicture: false,
    isLegible: null,
    keepsSpace: false,
    cover: null,
  };
}

/** Whether an element says something although there is nothing in it. */
function isKeptEmpty({ tag, attributes }: PageElement): boolean {
  const { itemprop, itemscope, property, typeof: type } = attributes;
  return EMPTY_BUT_KEPT.has(tag) || [itemprop, itemscope, property, type].some((it) => it !== undefined);
}

/** Whether white space parts what was read before it from what comes. */
function partsWords(space: string, out: readonly PageNode[]): boolean {
  const before = out.at(-1);
  return before !== undefined && before !== ' ' && space !== '' && !(typeof before !== 'string' && before.isBlock);
}

/** Text as it is seen where white space is kept. */
function tidyKept(text: string): string {
  return withoutUnseen(text.replace(/\r\n?/g, '\n'));
}

/** Text as it is seen where white space collapses. */
function tidyCollapsed(text: string): string {
  // Long texts seldom have any that collapses, and looking is quicker than writing them anew.
  return withoutUnseen(COLLAPSES.test(text) ? text.replace(/[ \t\n\r\f]+/g, ' ') : text);
}

const tags = new Map<string, string>();
const MOST_TAGS = 500;

/** The name of an element as a snapshot has it. A page may give elements names that are no names. */
function tagOf(name: string): string {
  let tag = tags.get(name);
  if (tag === undefined) {
    const lower = name.toLowerCase();
    tag = /^[a-z][a-z0-9._-]{0,60}$/.test(lower) ? lower : 'span';
    if (tags.size < MOST_TAGS) tags.set(name, tag);
  }
  return tag;
}

/** The text in an element, or as much of it as a link is told by. */
function textOf(element: PageElement): string {
  let text = '';
  for (const child of element.children) {
    if (text.length > LONGEST_LINK_TEXT) break;
    text += typeof child === 'string' ? child : `${textOf(child)}${child.isBlock ? ' ' : ''}`;
  }
  return text;
}

function bare(tag: string, attributes: Attributes): PageElement {
  return { tag, attributes, children: [] };
}

/** A picture that says something or is chosen; null for others, and where it is too small to be seen. */
function pictureIn(node: Element, sight: Sight, isChosen: boolean): PageElement | null {
  if (sight.style.visibility !== 'visible' || !isSizeable(node, sight)) return null;
  const attributes = pictureAttributesOf(node);
  const isSilent = attributes.alt === undefined && attributes.itemprop === undefined && attributes.src === undefined;
  return isSilent && !isChosen ? null : bare('img', attributes);
}

/** What is shown of details that are closed. */
function summaryOf(children: Node[]): Node[] {
  const summary = children.find((child) => isElement(child) && nameOf(child) === 'summary');
  return summary ? [summary] : [];
}
