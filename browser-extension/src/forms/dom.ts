// A page can hide any property of a form or a document behind an element of that name. What is read through the
// prototypes' own getters and methods cannot be hidden, and works on the elements of frames as well.

const { apply } = Reflect;

/** In UTF-16 units: what is longer is no keyword. */
const LONGEST_KEYWORD = 500;
const MOST_LABELS = 10;

function getter<T>(prototype: object, name: string): (of: object) => T {
  const read = Object.getOwnPropertyDescriptor(prototype, name)?.get;
  if (!read) throw new TypeError(`The browser has no ${name}`);
  return (of) => apply(read, of, []) as T;
}

function setter<T>(prototype: object, name: string): (of: object, value: T) => void {
  const write = Object.getOwnPropertyDescriptor(prototype, name)?.set;
  if (!write) throw new TypeError(`The browser has no ${name}`);
  return (of, value) => void apply(write, of, [value]);
}

function method<Arguments extends unknown[], T>(prototype: object, name: string) {
  const run = Object.getOwnPropertyDescriptor(prototype, name)?.value as ((...given: Arguments) => T) | undefined;
  if (!run) throw new TypeError(`The browser has no ${name}`);
  return (of: object, ...given: Arguments): T => apply(run, of, given);
}

const NODE = Node.prototype;
const ELEMENT = Element.prototype;
const INPUT = HTMLInputElement.prototype;
const SELECT = HTMLSelectElement.prototype;
const AREA = HTMLTextAreaElement.prototype;
const OPTION = HTMLOptionElement.prototype;

export const nodeType = getter<number>(NODE, 'nodeType');
export const nodeValue = getter<string | null>(NODE, 'nodeValue');
export const parentNode = getter<Node | null>(NODE, 'parentNode');
export const firstChild = getter<Node | null>(NODE, 'firstChild');
export const nextSibling = getter<Node | null>(NODE, 'nextSibling');
export const previousSibling = getter<Node | null>(NODE, 'previousSibling');
export const childNodes = getter<NodeListOf<ChildNode>>(NODE, 'childNodes');
export const isConnected = getter<boolean>(NODE, 'isConnected');
export const ownerDocument = getter<Document>(NODE, 'ownerDocument');
export const getRootNode = method<[], Node>(NODE, 'getRootNode');
export const contains = method<[Node], boolean>(NODE, 'contains');
export const comparePosition = method<[Node], number>(NODE, 'compareDocumentPosition');

const localNameOf = getter<string>(ELEMENT, 'localName');
const namespaceOf = getter<string | null>(ELEMENT, 'namespaceURI');
const shadowRoot = getter<ShadowRoot | null>(ELEMENT, 'shadowRoot');
const assignedSlot = getter<HTMLSlotElement | null>(ELEMENT, 'assignedSlot');
export const firstElementChild = getter<Element | null>(ELEMENT, 'firstElementChild');
export const nextElementSibling = getter<Element | null>(ELEMENT, 'nextElementSibling');
export const attribute = method<[string], string | null>(ELEMENT, 'getAttribute');
export const matches = method<[string], boolean>(ELEMENT, 'matches');
export const rectangle = method<[], DOMRect>(ELEMENT, 'getBoundingClientRect');
export const scrollLeft = getter<number>(ELEMENT, 'scrollLeft');
export const scrollTop = getter<number>(ELEMENT, 'scrollTop');
export const scrollWidth = getter<number>(ELEMENT, 'scrollWidth');
export const scrollHeight = getter<number>(ELEMENT, 'scrollHeight');
export const replaceChildren = method<Node[], void>(ELEMENT, 'replaceChildren');
export const checkVisibility = method<[CheckVisibilityOptions], boolean>(ELEMENT, 'checkVisibility');
const assigned = method<[], Element[]>(HTMLSlotElement.prototype, 'assignedElements');
const shadowChild = getter<Element | null>(DocumentFragment.prototype, 'firstElementChild');
const shadowHost = getter<Element>(ShadowRoot.prototype, 'host');

export const documentElement = getter<Element | null>(Document.prototype, 'documentElement');
export const defaultView = getter<Window | null>(Document.prototype, 'defaultView');
const documentElementById = method<[string], Element | null>(Document.prototype, 'getElementById');
const shadowElementById = method<[string], Element | null>(DocumentFragment.prototype, 'getElementById');
const documentHit = method<[number, number], Element | null>(Document.prototype, 'elementFromPoint');
const shadowHit = method<[number, number], Element | null>(ShadowRoot.prototype, 'elementFromPoint');
export const frameDocument = getter<Document | null>(HTMLIFrameElement.prototype, 'contentDocument');

export const inputType = getter<string>(INPUT, 'type');
export const inputChecked = getter<boolean>(INPUT, 'checked');
export const setInputChecked = setter<boolean>(INPUT, 'checked');
export const selectOptions = getter<HTMLOptionsCollection>(SELECT, 'options');
export const isMultiple = getter<boolean>(SELECT, 'multiple');
export const optionText = getter<string>(OPTION, 'text');
export const optionValue = getter<string>(OPTION, 'value');
export const isOptionChosen = getter<boolean>(OPTION, 'selected');
export const chooseOption = setter<boolean>(OPTION, 'selected');
export const isEditable = getter<boolean>(HTMLElement.prototype, 'isContentEditable');
export const innerText = getter<string>(HTMLElement.prototype, 'innerText');
export const click = method<[], void>(HTMLElement.prototype, 'click');
export const focus = method<[FocusOptions], void>(HTMLElement.prototype, 'focus');
export const blur = method<[], void>(HTMLElement.prototype, 'blur');
export const listen = method<[string, (event: Event) => void, AddEventListenerOptions], void>(
  EventTarget.prototype,
  'addEventListener',
);
export const getSelection = method<[], Selection | null>(Document.prototype, 'getSelection');
export const runCommand = method<[string, boolean, string], boolean>(Document.prototype, 'execCommand');
export const dispatch = method<[Event], boolean>(EventTarget.prototype, 'dispatchEvent');

const inputValue = getter<string>(INPUT, 'value');
const areaValue = getter<string>(AREA, 'value');
const setInputValue = setter<string>(INPUT, 'value');
const setAreaValue = setter<string>(AREA, 'value');
const LABELS = new Map(
  Object.entries({ input: INPUT, select: SELECT, textarea: AREA }).map(([name, prototype]) => [
    name,
    getter<NodeListOf<HTMLLabelElement> | null>(prototype, 'labels'),
  ]),
);
const FORMS = new Map(
  Object.entries({ input: INPUT, select: SELECT, textarea: AREA }).map(([name, prototype]) => [
    name,
    getter<Element | null>(prototype, 'form'),
  ]),
);

/** The name of an HTML element; empty for what is not one. */
export function tag(element: Element): string {
  return namespaceOf(element) === 'http://www.w3.org/1999/xhtml' ? localNameOf(element) : '';
}

/** Whether a node is an element. */
export function isElement(node: Node | null): node is Element {
  return node !== null && nodeType(node) === 1;
}

/** An attribute, in lower case and without white space around it; empty when it is missing. */
export function keyword(element: Element, name: string): string {
  return (attribute(element, name) ?? '').slice(0, LONGEST_KEYWORD).trim().toLowerCase();
}

/** The labels that the page gives a control, the first few of them. */
export function labelsOf(element: Element): Element[] {
  const labels = LABELS.get(tag(element))?.(element);
  const found: Element[] = [];
  for (let at = 0; labels && at < labels.length && at < MOST_LABELS; at += 1) found.push(labels.item(at));
  return found;
}

/** The form that a control belongs to; null when there is none. */
export function formOf(element: Element): Element | null {
  return FORMS.get(tag(element))?.(element) ?? null;
}

/** What stands in an input or a text area. */
export function textValue(element: Element): string {
  return tag(element) === 'textarea' ? areaValue(element) : inputValue(element);
}

/** Puts a text into an input or a text area, past whatever the page has laid over its `value`. */
export function setTextValue(element: Element, value: string): void {
  if (tag(element) === 'textarea') setAreaValue(element, value);
  else setInputValue(element, value);
}

/** The elements below one as they are shown: of its open shadow root, of a slot, or its own. */
export function* shownChildren(element: Element): Generator<Element> {
  const shadow = shadowRoot(element);
  if (!shadow && tag(element) === 'slot') {
    const given = assigned(element);
    if (given.length > 0) {
      yield* given;
      return;
    }
  }
  let child = shadow ? shadowChild(shadow) : firstElementChild(element);
  for (; child; child = nextElementSibling(child)) yield child;
}

/** The element that one is shown in, across shadow roots; null at the top of its document. */
export function shownParent(element: Element): Element | null {
  const slot = assignedSlot(element);
  if (slot) return slot;
  const parent = parentNode(element);
  if (isElement(parent)) return parent;
  return parent && nodeType(parent) === 11 && isShadow(parent) ? shadowHost(parent) : null;
}

/** Whether a node is a shadow root. */
function isShadow(node: Node): boolean {
  try {
    return shadowHost(node) !== null;
  } catch {
    return false;
  }
}

/** The element of that id in the tree that another stands in. */
export function elementById(beside: Element, id: string): Element | null {
  const root = getRootNode(beside);
  if (nodeType(root) === 9) return documentElementById(root, id);
  return isShadow(root) ? shadowElementById(root, id) : null;
}

/** The element at a point of the window, as the tree sees it that `beside` stands in. */
export function elementAt(beside: Element, x: number, y: number): Element | null {
  const root = getRootNode(beside);
  if (nodeType(root) === 9) return documentHit(root, x, y);
  return isShadow(root) ? shadowHit(root, x, y) : null;
}
