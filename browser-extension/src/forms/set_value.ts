import { choicesOf } from './choices';
import {
  blur,
  chooseOption,
  click,
  dispatch,
  focus,
  getSelection,
  inputChecked,
  ownerDocument,
  replaceChildren,
  runCommand,
  setInputChecked,
  setTextValue,
  textValue,
} from './dom';
import type { Control } from './survey';

/** What keeps a value out of a control; null when the page was given it. */
export type Obstacle = 'no option' | 'refused' | null;

/** Puts a value into a control as a person would, with the events that pages listen for. It never presses a key. */
export function putValue(control: Control, value: string): Obstacle {
  const [element] = control.elements;
  switch (control.type) {
    case 'checkbox':
      return putBox(element, value === 'true');
    case 'radio':
    case 'listbox':
      return putChoice(control, value);
    case 'select':
    case 'select-multiple':
      return putSelection(control, value === '' ? [] : value.split('\n'));
    case 'editable':
      return putEdited(element, value);
    default:
      return putText(element, value);
  }
}

/** Puts chosen options of a selection back, by their elements. */
export function putOptions(control: Control, chosen: ReadonlySet<Element>): void {
  const [element] = control.elements;
  within(element, () => {
    for (const choice of choicesOf(control.type, control.elements))
      chooseOption(choice.element, chosen.has(choice.element));
    tell(element, new Event('input', { bubbles: true, composed: true }));
    tell(element, new Event('change', { bubbles: true }));
  });
}

/** Takes the choice of a radio button back, which no person can. */
export function unchoose(element: Element): void {
  setInputChecked(element, false);
  tell(element, new Event('input', { bubbles: true, composed: true }));
  tell(element, new Event('change', { bubbles: true }));
}

/** Puts nodes back into a text that can be edited. */
export function putNodes(element: Element, nodes: readonly Node[]): void {
  within(element, () => {
    replaceChildren(element, ...nodes);
    tell(element, new InputEvent('input', { bubbles: true, composed: true, inputType: 'historyUndo' }));
  });
}

function putText(element: Element, value: string): Obstacle {
  const before = textValue(element);
  let obstacle: Obstacle = null;
  within(element, () => {
    if (!tell(element, inputEvent('beforeinput', value))) {
      obstacle = textValue(element) === value ? null : 'refused';
      return;
    }
    setTextValue(element, value);
    // The browser takes only numbers and dates where the page asks for them.
    if (textValue(element) === '' && value !== '') {
      setTextValue(element, before);
      obstacle = 'refused';
      return;
    }
    tell(element, inputEvent('input', value));
    tell(element, new Event('change', { bubbles: true }));
  });
  return obstacle;
}

function putBox(element: Element, isTicked: boolean): Obstacle {
  if (inputChecked(element) !== isTicked) within(element, () => click(element));
  return inputChecked(element) === isTicked ? null : 'refused';
}

function putChoice(control: Control, value: string): Obstacle {
  const choices = choicesOf(control.type, control.elements);
  const chosen = choices.find(({ option }) => option.value === value && !option.isDisabled);
  if (!chosen) return 'no option';
  if (!chosen.isChosen) within(chosen.element, () => click(chosen.element));
  return null;
}

function putSelection(control: Control, values: readonly string[]): Obstacle {
  const choices = choicesOf(control.type, control.elements);
  const chosen = choices.filter(({ option }) => !option.isDisabled && values.includes(option.value));
  if (chosen.length !== values.length) return 'no option';
  putOptions(control, new Set(chosen.map(({ element }) => element)));
  return null;
}

function putEdited(element: Element, value: string): Obstacle {
  const document = ownerDocument(element);
  let obstacle: Obstacle = null;
  within(element, () => {
    const selection = getSelection(document);
    selection?.selectAllChildren(element);
    // Editors in pages may take the text from this event and put it in themselves; what came of it is seen afterwards.
    const isTaken = !tell(element, inputEvent('beforeinput', value, 'insertText'));
    const [command, text] = value === '' ? ['delete', ''] : ['insertText', value];
    if (!isTaken && !runCommand(document, command, false, text)) obstacle = 'refused';
    selection?.removeAllRanges();
  });
  return obstacle;
}

function inputEvent(name: 'beforeinput' | 'input', value: string, inputType = 'insertReplacementText'): InputEvent {
  return new InputEvent(name, {
    bubbles: true,
    composed: true,
    cancelable: name === 'beforeinput',
    inputType,
    data: value,
  });
}

/** Does something while an element has the focus. */
function within(element: Element, run: () => void): void {
  focus(element, { preventScroll: true });
  run();
  blur(element);
}

/** Tells the page of an event; false when the page wants that it does not happen. */
function tell(element: Element, event: Event): boolean {
  return dispatch(element, event);
}
