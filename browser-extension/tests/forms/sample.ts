import type { FormField } from '../../src/forms/types';

/** A field of a form that says nothing of itself but this. */
export function sampleField(said: Partial<FormField> = {}): FormField {
  return {
    id: 'field',
    type: 'text',
    label: '',
    heading: '',
    placeholder: '',
    autocomplete: [],
    name: '',
    identifier: '',
    language: 'en',
    constraints: sampleConstraints(),
    options: [],
    value: '',
    form: 'form',
    ...said,
  };
}

/** What a page demands of a value: nothing but this. */
export function sampleConstraints(demanded: Partial<FormField['constraints']> = {}): FormField['constraints'] {
  return {
    isRequired: false,
    maximumLength: null,
    minimumLength: null,
    pattern: null,
    minimum: null,
    maximum: null,
    isUpperCase: false,
    ...demanded,
  };
}

/** Options of these texts, with their values where they have others. */
export function sampleOptions(...options: (string | [text: string, value: string])[]): FormField['options'] {
  return options.map((option) => {
    const [text, value] = typeof option === 'string' ? [option, option] : option;
    return { text, value, isDisabled: false };
  });
}
