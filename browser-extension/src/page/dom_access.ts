// An element of a page can hide its properties behind names of the page's own: a form does so with its fields, a custom
// element with getters. What is asked of nodes goes therefore by the getters of the prototypes, as they are when the
// script begins.

type Getter<T> = (node: object) => T;

/** The getter of a property as a function; gives `fallback` where it is missing or throws. */
function getter<T>(prototype: object, name: string, fallback: T): Getter<T> {
  const get = Object.getOwnPropertyDescriptor(prototype, name)?.get;
  if (!get) return () => fallback;
  return (node) => {
    try {
      return get.call(node) as T;
    } catch {
      return fallback;
    }
  };
}

const ELEMENT = 1;
const TEXT = 3;

const typeOf = getter(Node.prototype, 'nodeType', 0);
const { getAttribute, getAttributeNames, hasAttribute, getBoundingClientRect, getClientRects, matches } =
  Element.prototype;
const assignedNodes = HTMLSlotElement.prototype.assignedNodes;
const { getComputedStyle } = globalThis;

/** The first child. */
const firstChildOf = getter<Node | null>(Node.prototype, 'firstChild', null);
/** The sibling after it. */
const nextSiblingOf = getter<Node | null>(Node.prototype, 'nextSibling', null);
/** The parent, which may be a shadow root. */
export const parentOf = getter<Node | null>(Node.prototype, 'parentNode', null);
/** The document that a node belongs to. */
export const documentOf = getter<Document | null>(Node.prototype, 'ownerDocument', null);
/** The characters of a text node. */
export const dataOf = getter(CharacterData.prototype, 'data', '');
/** The name of an element as it is written: in lower case in HTML. */
export const nameOf = getter(Element.prototype, 'localName', '');
/** The open shadow root of an element. */
const shadowRootOf = getter<ShadowRoot | null>(Element.prototype, 'shadowRoot', null);
/** The document in a frame; null unless it is of the same origin. */
export const frameDocumentOf = getter<Document | null>(HTMLIFrameElement.prototype, 'contentDocument', null);
/** What is typed in a field. */
export const inputValueOf = getter(HTMLInputElement.prototype, 'value', '');
/** What is typed in a field of several lines. */
export const textareaValueOf = getter(HTMLTextAreaElement.prototype, 'value', '');
/** Whether a box is ticked. */
export const isCheckedOf = getter(HTMLInputElement.prototype, 'checked', false);
/** The options that are chosen in a list. */
export const selectedOptionsOf = getter<ArrayLike<Element>>(HTMLSelectElement.prototype, 'selectedOptions', []);
/** How far a box is scrolled to the right, in CSS pixels; negative where it is read from right to left. */
export const scrollLeftOf = getter(Element.prototype, 'scrollLeft', 0);
/** How far a box is scrolled down, in CSS pixels. */
export const scrollTopOf = getter(Element.prototype, 'scrollTop', 0);
/** The width of what can be scrolled to in a box, in CSS pixels. */
export const scrollWidthOf = getter(Element.prototype, 'scrollWidth', 0);
/** The height of what can be scrolled to in a box, in CSS pixels. */
export const scrollHeightOf = getter(Element.prototype, 'scrollHeight', 0);
/** The width that a box shows of what can be scrolled in it, in CSS pixels. */
export const clientWidthOf = getter(Element.prototype, 'clientWidth', 0);
/** The height that a box shows of what can be scrolled in it, in CSS pixels. */
export const clientHeightOf = getter(Element.prototype, 'clientHeight', 0);
/** The width of an element of HTML before it is scaled, in CSS pixels. */
export const offsetWidthOf = getter(HTMLElement.prototype, 'offsetWidth', 0);
/** The height of an element of HTML before it is scaled, in CSS pixels. */
export const offsetHeightOf = getter(HTMLElement.prototype, 'offsetHeight', 0);
/** The address of the picture that is shown, of those that an image offers. */
export const shownSourceOf = getter(HTMLImageElement.prototype, 'currentSrc', '');
/** The width of a picture itself, in pixels; 0 while there is none. */
export const naturalWidthOf = getter(HTMLImageElement.prototype, 'naturalWidth', 0);
/** The height of a picture itself, in pixels; 0 while there is none. */
export const naturalHeightOf = getter(HTMLImageElement.prototype, 'naturalHeight', 0);
/** The element at the root of a document. */
export const rootOf = getter<Element | null>(Document.prototype, 'documentElement', null);
/** The window that shows a document. */
export const viewOf = getter<Window | null>(Document.prototype, 'defaultView', null);
/** The title of a document. */
export const titleOf = getter(Document.prototype, 'title', '');
/** The type of a document, such as `text/html`. */
export const contentTypeOf = getter(Document.prototype, 'contentType', '');
/** The address of a document. */
export const addressOf = getter(Document.prototype, 'URL', '');
/** The address that relative ones in a node's document begin from. */
export const baseOf = getter(Node.prototype, 'baseURI', '');
/** All text of a node, seen or not. */
export const textContentOf = getter<string | null>(Node.prototype, 'textContent', null);
/** The element that has the focus. */
export const focusOf = getter<Element | null>(Document.prototype, 'activeElement', null);

/** Whether a node is an element, of whatever document. */
export function isElement(node: Node): node is Element {
  return typeOf(node) === ELEMENT;
}

/** Whether a node is a text, of whatever document. */
export function isText(node: Node): node is Text {
  return typeOf(node) === TEXT;
}

/** The value of an attribute; null when there is none. */
export function attributeOf(element: Element, name: string): string | null {
  return getAttribute.call(element, name);
}

/** The names of an element's attributes. */
export function attributeNamesOf(element: Element): string[] {
  return getAttributeNames.call(element);
}

/** Whether there is such an attribute. */
export function hasAttributeOf(element: Element, name: string): boolean {
  return hasAttribute.call(element, name);
}

/** The box of an element, relative to its viewport. */
export function rectangleOf(element: Element): DOMRect {
  return getBoundingClientRect.call(element);
}

/** Whether an element is laid out in one box, and not broken into several. */
export function isInOnePiece(element: Element): boolean {
  return getClientRects.call(element).length === 1;
}

/** How an element is laid out and painted. */
export function styleOf(element: Element): CSSStyleDeclaration {
  return getComputedStyle.call(globalThis, element);
}

/** Whether a selector names an element. */
export function isNamedBy(element: Element, selector: string): boolean {
  return matches.call(element, selector);
}

/** The elements in a document that a selector names, and that are not in a shadow tree. */
export function elementsIn(document: Document, selector: string): Element[] {
  return [...Document.prototype.querySelectorAll.call(document, selector)];
}

/** At most `limit` children of a node as they are shown: those of its shadow root, and in a slot what was put there. */
export function shownChildrenOf(node: Node, limit: number): Node[] {
  if (isElement(node) && nameOf(node) === 'slot') {
    const assigned = assignedTo(node);
    if (assigned.length > 0) return assigned.slice(0, limit);
  }
  const children: Node[] = [];
  const holder = (isElement(node) && shadowRootOf(node)) || node;
  for (let child = firstChildOf(holder); child && children.length < limit; child = nextSiblingOf(child)) {
    children.push(child);
  }
  return children;
}

/** The parent as it is shown: the host of a shadow root, and the slot that a node was put in; null at the top. */
export function shownParentOf(node: Node): Node | null {
  const slot = isElement(node) || isText(node) ? slotOf(node) : null;
  if (slot) return slot;
  const parent = parentOf(node);
  return parent && hostOf(parent) ? hostOf(parent) : parent;
}

const hostOf = getter<Element | null>(ShadowRoot.prototype, 'host', null);
const elementSlotOf = getter<Element | null>(Element.prototype, 'assignedSlot', null);
const textSlotOf = getter<Element | null>(Text.prototype, 'assignedSlot', null);

function slotOf(node: Element | Text): Element | null {
  return isElement(node) ? elementSlotOf(node) : textSlotOf(node);
}

function assignedTo(slot: Element): Node[] {
  try {
    return assignedNodes.call(slot as HTMLSlotElement);
  } catch {
    // A slot outside of HTML has that name only.
    return [];
  }
}
