import { mount } from 'svelte';
import '../../../../ui/src/styles/base.css';
import { locale } from '../../../../ui/src/i18n/locale.svelte';
import FormPreview from '../../../src/forms/FormPreview.svelte';
import { propose } from '../../../src/forms/propose';
import type { FillEntry, FillReport, FormField, ProfileEntry, UndoReport } from '../../../src/forms/types';

declare global {
  interface Window {
    confirmed: FillEntry[][];
    undoings: number;
  }
}

const FREE = {
  isRequired: false,
  maximumLength: null,
  minimumLength: null,
  pattern: null,
  minimum: null,
  maximum: null,
  isUpperCase: false,
};

function field(id: string, label: string, more: Partial<FormField> = {}): FormField {
  return {
    id,
    type: 'text',
    label,
    heading: '',
    placeholder: '',
    autocomplete: [],
    name: '',
    identifier: '',
    language: 'en',
    constraints: FREE,
    options: [],
    value: '',
    form: 'form',
    ...more,
  };
}

const fields = [
  field('first', 'First name', { constraints: { ...FREE, isRequired: true } }),
  field('last', 'Last name', { value: 'Marsh' }),
  field('mail', 'Email'),
  field('country', 'Country', {
    type: 'select',
    options: [
      { text: 'Germany', value: 'de', isDisabled: false },
      { text: 'United Kingdom', value: 'gb', isDisabled: false },
    ],
  }),
  field('town', 'Town <b>', { name: 'town' }),
  field('tax', 'Tax number'),
  field('why', 'Why do you want to come?', { type: 'textarea' }),
  field('code', 'Postcode', { constraints: { ...FREE, maximumLength: 3 } }),
  field('bare', ''),
];

const profile: ProfileEntry[] = [
  { kind: 'given-name', value: 'Alex', source: { id: '1', text: 'Your profile' } },
  { kind: 'family-name', value: 'Whitfield', source: { id: '2', text: 'Your profile' } },
  { kind: 'email', value: 'alex@whitfield.example', source: { id: '3', text: 'A letter of May' } },
  { kind: 'email', value: 'office@whitfield.example', source: { id: '4', text: 'Your profile' } },
  { kind: 'country', value: 'GB', source: { id: '5', text: 'Your profile' } },
  { kind: 'address-level2', value: 'Bristol', source: { id: '6', text: 'Your profile' } },
  { kind: 'tax-number', value: '123', source: { id: '7', text: 'Your profile' } },
  { kind: 'postal-code', value: 'BS1 4QA', source: { id: '8', text: 'Your profile' } },
];

let report = $state<FillReport | null>(null);
let undone = $state<UndoReport | null>(null);
window.confirmed = [];
window.undoings = 0;

if (location.search === '?de') locale.choose('de');

mount(FormPreview, {
  target: document.querySelector('#page') as HTMLElement,
  props: {
    fields: location.search === '?none' ? [] : fields,
    proposals: propose(fields, profile),
    onfill: (entries: FillEntry[]) => {
      window.confirmed.push(entries);
      report = {
        fields: entries.map(({ id, value }, at) =>
          at === 0 ? { id, outcome: 'filled', value } : { id, outcome: 'swapped', value: '' },
        ),
        stoppedSubmissions: 1,
      };
    },
    onundo: () => {
      window.undoings += 1;
      undone = { fields: [{ id: 'first', outcome: 'changed' }], stoppedSubmissions: 0 };
    },
    get report() {
      return report;
    },
    get undone() {
      return undone;
    },
  },
});
