import { listOptions } from './controls';
import {
  inputChecked,
  isOptionChosen,
  keyword,
  attribute,
  matches,
  nextSibling,
  optionText,
  optionValue,
  selectOptions,
  labelsOf,
  textValue,
} from './dom';
import { clean, readText } from './page_text';
import type { FieldOption, FieldType } from './types';

const MOST_OPTIONS = 600;

/** One thing that can be chosen, with its element. */
export interface Choice {
  option: FieldOption;
  element: Element;
  isChosen: boolean;
}

/** What can be chosen in a field.
 *
 * @param elements the field's element, or all of its radio buttons */
export function choicesOf(type: FieldType, elements: readonly Element[]): Choice[] {
  const [element] = elements;
  if (!element) return [];
  if (type === 'select' || type === 'select-multiple') return unlike(selectChoices(element));
  if (type === 'radio') return unlike(elements.map(radioChoice));
  if (type === 'listbox') return unlike(listOptions(element).map(listChoice));
  return [];
}

function selectChoices(select: Element): Choice[] {
  const choices: Choice[] = [];
  const options = selectOptions(select);
  for (let at = 0; at < options.length && at < MOST_OPTIONS; at += 1) {
    const element = options.item(at);
    if (!element) continue;
    const option = {
      text: clean(optionText(element)),
      value: optionValue(element).slice(0, 500),
      isDisabled: matches(element, ':disabled'),
    };
    choices.push({ option, element, isChosen: isOptionChosen(element) });
  }
  return choices;
}

function radioChoice(element: Element): Choice {
  const said = labelsOf(element).map(readText).find(Boolean) ?? clean(attribute(element, 'aria-label') ?? '');
  const value = textValue(element).slice(0, 500);
  const text = said || textAfter(element) || clean(value);
  return {
    option: { text, value, isDisabled: matches(element, ':disabled') },
    element,
    isChosen: inputChecked(element),
  };
}

function textAfter(element: Element): string {
  const next = nextSibling(element);
  return next ? readText(next) : '';
}

function listChoice(element: Element): Choice {
  const text = readText(element);
  const value = attribute(element, 'data-value') ?? text;
  const option = { text, value, isDisabled: keyword(element, 'aria-disabled') === 'true' };
  return { option, element, isChosen: keyword(element, 'aria-selected') === 'true' };
}

/** The choices with values that tell them apart: where the page gives several the same, their texts, or their places. */
function unlike(choices: Choice[]): Choice[] {
  const counts = new Map<string, number>();
  for (const { option } of choices) counts.set(option.value, (counts.get(option.value) ?? 0) + 1);
  const taken = new Set<string>();
  return choices.map((choice, at) => {
    const { option } = choice;
    let value = counts.get(option.value) === 1 ? option.value : option.text;
    if (taken.has(value)) value = `${value} #${at}`;
    taken.add(value);
    return { ...choice, option: { ...option, value } };
  });
}
