import { expect, test } from 'vitest';
import { profileOf } from '../../tests/forms/profile';
import { sampleConstraints, sampleField, sampleOptions } from '../../tests/forms/sample';
import { propose } from './propose';
import type { FormField, Proposal } from './types';

function proposed(said: Partial<FormField>, profile: Record<string, string>): Proposal {
  return propose([sampleField(said)], profileOf(profile))[0] as Proposal;
}

function value(said: Partial<FormField>, profile: Record<string, string>): string | undefined {
  const { candidates } = proposed(said, profile);
  expect(candidates.length).toBeLessThanOrEqual(1);
  return candidates[0]?.value;
}

test('names are joined and parted', () => {
  expect(value({ label: 'Full name' }, { 'given-name': 'Ada', 'family-name': 'Byron' })).toBe('Ada Byron');
  expect(value({ label: 'Last name' }, { name: 'Jutta von der Aue' })).toBe('von der Aue');
  expect(value({ label: 'First name' }, { name: 'Jutta von der Aue' })).toBe('Jutta');
  expect(value({ label: '姓', language: 'ja' }, { name: '森川 千夏' })).toBe('森川');
  expect(value({ label: 'お名前', language: 'ja' }, { 'given-name': '千夏', 'family-name': '森川' })).toBe('森川 千夏');
});

test('a name that can be parted in several ways is offered, not ticked', () => {
  expect(proposed({ label: 'Last name' }, { name: 'Gabriela Ruiz Toledo' })).toMatchObject({
    candidates: [{ value: 'Toledo' }],
    isTicked: false,
  });
});

test('streets are joined as their country writes them, and parted', () => {
  const kassel = { street: 'Allee', 'house-number': '17a', country: 'DE' };
  expect(value({ label: 'Street address' }, kassel)).toBe('Allee 17a');
  expect(value({ label: 'Street address' }, { ...kassel, country: 'United Kingdom' })).toBe('17a Allee');
  expect(value({ label: 'Street address' }, { ...kassel, country: 'Italia' })).toBe('Allee, 17a');
  expect(value({ label: 'House number' }, { 'street-address': '12 Quayside Road' })).toBe('12');
  expect(value({ label: 'Address line 2' }, { 'street-address': '12 Quayside Road\nFlat 4' })).toBe('Flat 4');
});

test('countries fit names and codes in any language', () => {
  const options = sampleOptions(['Choose', ''], ['Deutschland', '276'], ['Österreich', '040']);
  expect(value({ label: 'Country', type: 'select', options }, { country: 'AT' })).toBe('040');
  expect(value({ label: 'Country', type: 'select', options }, { country: 'Germany' })).toBe('276');
  expect(value({ label: 'Pays', language: 'fr' }, { country: 'DE' })).toBe('Allemagne');
  expect(
    value({ label: 'Country', constraints: sampleConstraints({ maximumLength: 2 }) }, { country: 'Tyskland' }),
  ).toBe('DE');
});

test('dates take the form that the field shows or its language has', () => {
  const born = { bday: '1979-11-03' };
  expect(value({ label: 'Date of birth', type: 'date' }, born)).toBe('1979-11-03');
  expect(value({ label: 'Date of birth', placeholder: 'MM/DD/YYYY' }, born)).toBe('11/03/1979');
  expect(value({ label: 'Geburtsdatum', language: 'de' }, born)).toBe('03.11.1979');
  expect(value({ label: 'Date of birth', language: 'en' }, born)).toBe('1979-11-03');
  expect(
    value({ label: 'Birth month', type: 'select', options: sampleOptions(['October', '9'], ['November', '10']) }, born),
  ).toBe('10');
});

test('telephone numbers take the form that the field has room for', () => {
  const number = { tel: '+49 561 4960123' };
  expect(value({ label: 'Phone' }, number)).toBe('+49 561 4960123');
  expect(value({ label: 'Phone', constraints: sampleConstraints({ pattern: '0\\d+' }) }, number)).toBe('05614960123');
  expect(value({ label: 'Phone', constraints: sampleConstraints({ pattern: '00\\d+' }) }, number)).toBe(
    '00495614960123',
  );
  expect(value({ label: 'Phone' }, { tel: '0561 4960123', country: 'DE' })).toBe('0561 4960123');
  expect(value({ label: 'Phone', placeholder: '+49 …' }, { tel: '0561 4960123', country: 'DE' })).toBe(
    '+49 561 4960123',
  );
});

test('choices are found by what they mean', () => {
  expect(
    value(
      { label: 'Geschlecht', language: 'de', type: 'radio', options: sampleOptions('männlich', 'weiblich') },
      { sex: 'female' },
    ),
  ).toBe('weiblich');
  expect(
    value({ label: 'Title', type: 'select', options: sampleOptions('Mr', 'Ms') }, { 'honorific-prefix': 'Frau' }),
  ).toBe('Ms');
  expect(
    value({ label: 'Language', type: 'select', options: sampleOptions('German', 'Welsh') }, { language: 'cy' }),
  ).toBe('Welsh');
});

test('what does not fit is not proposed, but told why', () => {
  const short = { label: 'City', constraints: sampleConstraints({ maximumLength: 4 }) };
  expect(proposed(short, { 'address-level2': 'Kassel' })).toMatchObject({
    candidates: [],
    refusals: [{ why: 'too long', value: 'Kassel' }],
  });
  const options = sampleOptions('France', 'Spain');
  expect(proposed({ label: 'Country', type: 'select', options }, { country: 'DE' }).refusals[0]?.why).toBe('no option');
  const late = {
    label: 'Date of birth',
    type: 'date',
    constraints: sampleConstraints({ minimum: '1990-01-01' }),
  } as const;
  expect(proposed(late, { bday: '1979-11-03' }).refusals[0]?.why).toBe('range');
  expect(proposed({ label: 'Date of birth', type: 'date' }, { bday: 'in autumn' }).refusals[0]?.why).toBe('not a date');
});

test('letters are made as large as the field wants them', () => {
  const capital = { label: 'Postcode', constraints: sampleConstraints({ pattern: '[A-Z]{2}\\d[A-Z0-9 ]+' }) };
  expect(value(capital, { 'postal-code': 'bs1 4qa' })).toBe('BS1 4QA');
  expect(
    value({ label: 'City', constraints: sampleConstraints({ isUpperCase: true }) }, { 'address-level2': 'Kassel' }),
  ).toBe('KASSEL');
});

test('a pattern that could take for ever is not tried, and its field not ticked', () => {
  const slow = { label: 'City', constraints: sampleConstraints({ pattern: '(a+)+$' }) };
  expect(proposed(slow, { 'address-level2': 'a'.repeat(60) })).toMatchObject({ candidates: [{}], isTicked: false });
});

test('where values compete all are offered and none is ticked', () => {
  const { candidates, isTicked } = proposed({ label: 'Email' }, { email: 'a@a.example', 'work email': 'b@a.example' });
  expect(candidates.map(({ value: one }) => one)).toEqual(['a@a.example', 'b@a.example']);
  expect(isTicked).toBe(false);
});

test('the same value from two places is one, with both sources', () => {
  const [proposal] = propose(
    [sampleField({ label: 'Email' })],
    [
      { kind: 'email', value: 'a@a.example', source: { id: '1', text: 'one' } },
      { kind: 'email', value: 'a@a.example ', source: { id: '2', text: 'two' } },
    ],
  );
  expect(proposal).toMatchObject({ isTicked: true, candidates: [{ sources: [{ id: '1' }, { id: '2' }] }] });
});

test('a section takes its own values, or those of no section, never those of another', () => {
  const profile = { 'work email': 'w@a.example', 'home email': 'h@a.example' };
  expect(value({ label: 'Work email' }, profile)).toBe('w@a.example');
  expect(value({ label: 'Email', autocomplete: ['home', 'email'] }, { 'work email': 'w@a.example' })).toBeUndefined();
  expect(proposed({ label: 'Work email' }, { email: 'a@a.example' })).toMatchObject({
    candidates: [{}],
    isTicked: false,
  });
});

test('what would be overwritten is told, and then nothing is ticked', () => {
  const options = sampleOptions(['Germany', 'de'], ['France', 'fr']);
  expect(proposed({ label: 'Country', type: 'select', options, value: 'fr' }, { country: 'DE' })).toMatchObject({
    overwrites: 'France',
    isTicked: false,
  });
  expect(proposed({ label: 'City', value: 'Kassel' }, { 'address-level2': 'Kassel' }).overwrites).toBeNull();
});

test('tax, identity and passport numbers are withheld', () => {
  for (const [label, kind] of [
    ['Tax number', 'tax-number'],
    ['Passport number', 'passport-number'],
    ['Social security number', 'identity-number'],
  ] as const) {
    const proposal = proposed({ label }, { [kind]: '123456' });
    expect(proposal).toMatchObject({
      kind,
      candidates: [],
      refusals: [{ why: 'withheld', value: '' }],
      isTicked: false,
    });
  }
});

test('kinds that are none, and names of prototypes, give nothing', () => {
  expect(
    proposed({ label: 'City' }, { ['__proto__ address-level2']: 'x', constructor: 'y', 'foo email': 'z' }).candidates,
  ).toEqual([]);
});
