import { choicesOf } from './choices';
import { attribute, innerText, inputChecked, keyword, tag, textValue } from './dom';
import { groupAround, groupLabelOf, labelOf, languageOf } from './labels';
import { isNoChoice } from './no_choice';
import { clean } from './page_text';
import type { Constraints, FieldOption, FieldType, FormField } from './types';

const LONGEST_VALUE = 20_000;

/** What a control says of itself, without its place in the page. */
export type Description = Omit<FormField, 'id' | 'form'>;

/** Reads what a field says of itself and holds.
 *
 * @param elements the field's element, or all of its radio buttons
 * @param heading the last heading before it */
export function describe(type: FieldType, elements: readonly [Element, ...Element[]], heading: string): Description {
  const [element] = elements;
  const choices = choicesOf(type, elements);
  const isGroup = type === 'radio';
  return {
    type,
    label: isGroup ? groupLabelOf(elements) : labelOf(element),
    heading: (isGroup ? '' : groupAround(element)) || heading,
    placeholder: clean(attribute(element, 'placeholder') ?? ''),
    autocomplete: keyword(element, 'autocomplete').split(/\s+/).filter(Boolean).slice(0, 8),
    name: clean(attribute(element, 'name') ?? ''),
    identifier: isGroup ? '' : clean(attribute(element, 'id') ?? ''),
    language: languageOf(element),
    constraints: constraintsOf(element),
    options: choices.map(({ option }) => option),
    value: valueOf(type, element, choices),
  };
}

function valueOf(
  type: FieldType,
  element: Element,
  choices: readonly { option: FieldOption; isChosen: boolean }[],
): string {
  if (type === 'checkbox') return inputChecked(element) ? 'true' : '';
  if (type === 'editable') return innerText(element).slice(0, LONGEST_VALUE);
  if (choices.length === 0 && !/^(select|radio|listbox)/.test(type)) return textValue(element).slice(0, LONGEST_VALUE);
  const chosen = choices.filter(({ isChosen }) => isChosen).map(({ option }) => option);
  // What browsers choose of themselves, such as `Please choose`, is nothing that a person chose.
  return chosen
    .filter((option) => !isNoChoice(option))
    .map(({ value }) => value)
    .join('\n');
}

function constraintsOf(element: Element): Constraints {
  return {
    isRequired: attribute(element, 'required') !== null || keyword(element, 'aria-required') === 'true',
    maximumLength: lengthIn(element, 'maxlength'),
    minimumLength: lengthIn(element, 'minlength'),
    pattern: tag(element) === 'input' ? (attribute(element, 'pattern')?.slice(0, 500) ?? null) : null,
    minimum: attribute(element, 'min')?.slice(0, 40) ?? null,
    maximum: attribute(element, 'max')?.slice(0, 40) ?? null,
    isUpperCase:
      keyword(element, 'autocapitalize') === 'characters' || getComputedStyle(element).textTransform === 'uppercase',
  };
}

function lengthIn(element: Element, name: string): number | null {
  const written = attribute(element, name)?.trim() ?? '';
  return /^\d{1,6}$/.test(written) ? Number(written) : null;
}
