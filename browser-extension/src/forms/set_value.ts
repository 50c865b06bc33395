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
import type { FillOutcome } from './types';

/** What keeps a value out of a control; null when the page was given it. */
export type Obstacle = FillOutcome | null;

/** Tells what keeps a value out once the page's scripts have heard that the control has the focus. */
export type Check = () => Obstacle;

/** Puts a value into a control as a person would, with the events that pages listen for. It never presses a key. */
export function putValue(control: Control, value: string, check: Check): Obstacle {
  const [element] = control.elements;
  switch (control.type) {
    case 'checkbox':
      return putBox(element, value === 'true', check);
    case 'radio':
    case 'listbox':
      return putChoice(control, value, check);
    case 'select':
    case 'select-multiple':
      return putSelection(control, value === '' ? [] : value.split('\n'), check);
    case 'editable':
      return putEdited(element, value, check);
    default:
      return putText(element, value, check);
  }
}

/** Chooses options of a selection, by their elements, and no others. */
export function putOptions(control: Control, chosen: ReadonlySet<Element>, check: Check): Obstacle {
  const [element] = control.elements;
  return within(element, () => {
    const obstacle = check();
    if (obstacle) return obstacle;
    for (const choice of choicesOf(control.type, control.elements))
      chooseOption(choice.element, chosen.has(choice.element));
    tell(element, new Event('input', { bubbles: true, composed: true }));
    tell(element, new Event('change', { bubbles: true }));
    return null;
  });
}

/** Takes the choice of a radio button back, which no person can. */
export function unchoose(element: Element): void {
  setInputChecked(element, false);
  tell(element, new Event('input', { bubbles: true, composed: true }));
  tell(element, new Event('change', { bubbles: true }));
}

/** Puts nodes back into a text that can be edited. */
export function putNodes(element: Element, nodes: readonly Node[], check: Check): Obstacle {
  return within(element, () => {
    const obstacle = check();
    if (obstacle) return obstacle;
    replaceChildren(element, ...nodes);
    tell(element, new InputEvent('input', { bubbles: true, composed: true, inputType: 'historyUndo' }));
    return null;
  });
}

function putText(element: Element, value: string, check: Check): Obstacle {
  const before = textValue(element);
  return within(element, () => {
    const isTaken = !tell(element, inputEvent('beforeinput', value));
    const obstacle = check();
    if (obstacle) return obstacle;
    if (isTaken) return textValue(element) === value ? null : 'refused';
    setTextValue(element, value);
    // The browser takes only numbers and dates where the page asks for them.
    if (textValue(element) === '' && value !== '') {
      setTextValue(element, before);
      return 'refused';
    }
    tell(element, inputEvent('input', value));
    tell(element, new Event('change', { bubbles: true }));
    return null;
  });
}

function putBox(element: Element, isTicked: boolean, check: Check): Obstacle {
  const obstacle = within(element, () => {
    const found = check();
    if (!found && inputChecked(element) !== isTicked) click(element);
    return found;
  });
  return obstacle ?? (inputChecked(element) === isTicked ? null : 'refused');
}

function putChoice(control: Control, value: string, check: Check): Obstacle {
  const choices = choicesOf(control.type, control.elements);
  const chosen = choices.find(({ option }) => option.value === value && !option.isDisabled);
  if (!chosen) return 'no option';
  return within(chosen.element, () => {
    const obstacle = check();
    if (!obstacle && !chosen.isChosen) click(chosen.element);
    return obstacle;
  });
}

function putSelection(control: Control, values: readonly string[], check: Check): Obstacle {
  const choices = choicesOf(control.type, control.elements);
  const chosen = choices.filter(({ option }) => !option.isDisabled && values.includes(option.value));
  if (chosen.length !== values.length) return 'no option';
  return putOptions(control, new Set(chosen.map(({ element }) => element)), check);
}

function putEdited(element: Element, value: string, check: Check): Obstacle {
  const document = ownerDocument(element);
  return within(element, () => {
    const selection = getSelection(document);
    selection?.selectAllChildren(element);
    // Editors in pages may take the text from this event and put it in themselves; what came of it is seen afterwards.
    const isTaken = !tell(element, inputEvent('beforeinput', value, 'insertText'));
    const obstacle = check();
    if (obstacle || isTaken) return obstacle;
    // The command writes where the selection is, which the page may have moved.
    selection?.selectAllChildren(element);
    const [command, text] = value === '' ? ['delete', ''] : ['insertText', value];
    const isDone = runCommand(document, command, false, text);
    selection?.removeAllRanges();
    return isDone ? null : 'refused';
  });
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
function within(element: Element, run: () => Obstacle): Obstacle {
  focus(element, { preventScroll: true });
  const obstacle = run();
  blur(element);
  return obstacle;
}

/** Tells the page of an event; false when the page wants that it does not happen. */
function tell(element: Element, event: Event): boolean {
  return dispatch(element, event);
}
