import { describe, expect, test } from 'vitest';
import { sampleField } from '../../tests/forms/sample';
import { kindOf, kindsOf } from './kinds';

/** What these labels ask for, in each language. */
const LABELS: Record<string, Record<string, string>> = {
  en: {
    'First name': 'given-name',
    'Family name *': 'family-name',
    'Your e-mail address': 'email',
    ZIP: 'postal-code',
  },
  de: {
    Vorname: 'given-name',
    Postleitzahl: 'postal-code',
    'Straße und Hausnummer': 'street-address',
    Wohnort: 'address-level2',
  },
  fr: {
    Prénom: 'given-name',
    'Votre adresse e-mail': 'email',
    'Code postal': 'postal-code',
    'Date de naissance': 'bday',
  },
  es: {
    Apellidos: 'family-name',
    'Correo electrónico': 'email',
    'Código postal': 'postal-code',
    Provincia: 'address-level1',
  },
  it: {
    Nome: 'given-name',
    Cognome: 'family-name',
    CAP: 'postal-code',
    'Partita IVA': 'vat-number',
    'Numero civico': 'house-number',
  },
  pt: { Sobrenome: 'family-name', CEP: 'postal-code', Morada: 'street-address', 'Data de nascimento': 'bday' },
  nl: { Voornaam: 'given-name', Achternaam: 'family-name', 'Uw e-mailadres': 'email', Woonplaats: 'address-level2' },
  pl: { Imię: 'given-name', Nazwisko: 'family-name', 'Kod pocztowy': 'postal-code', Województwo: 'address-level1' },
  cs: { Jméno: 'given-name', Příjmení: 'family-name', PSČ: 'postal-code', 'Datum narození': 'bday' },
  sv: { Förnamn: 'given-name', Efternamn: 'family-name', Postnummer: 'postal-code', 'E-postadress': 'email' },
  tr: {
    Adınız: 'given-name',
    Soyadınız: 'family-name',
    'Posta kodu': 'postal-code',
    'Doğum tarihi': 'bday',
    ŞEHİR: 'address-level2',
  },
  ja: {
    郵便番号: 'postal-code',
    メールアドレス: 'email',
    都道府県: 'address-level1',
    お名前: 'name',
    'フリガナ（姓）': 'family-name-reading',
  },
  zh: {
    姓名: 'name',
    邮政编码: 'postal-code',
    手机号码: 'tel',
    电子邮件: 'email',
    出生日期: 'bday',
    详细地址: 'street-address',
  },
};

describe.each(Object.entries(LABELS))('labels in %s', (language, labels) => {
  test.each(Object.entries(labels))('%s asks for %s', (label, kind) => {
    const { kind: told, certainty, reason } = kindOf(sampleField({ label, language }));
    expect([told, reason?.by]).toEqual([kind, 'label']);
    expect(certainty).toBeGreaterThanOrEqual(0.7);
  });
});

test('what the page marks goes before what it says, and its sections are told', () => {
  const marked = sampleField({
    label: 'Ort',
    language: 'de',
    autocomplete: ['section-a', 'billing', 'address-level2'],
  });
  expect(kindOf(marked)).toMatchObject({ kind: 'address-level2', section: 'billing', certainty: 0.99 });
});

test('a marking that the label contradicts is not sure', () => {
  expect(kindOf(sampleField({ label: 'City', autocomplete: ['email'] })).certainty).toBeLessThan(0.7);
});

test('the type tells where words do not', () => {
  expect(kindOf(sampleField({ label: 'Where may we write to?', type: 'email' }))).toMatchObject({
    kind: 'email',
    reason: { by: 'type', words: 'email' },
  });
});

test('names in the source tell where there is no label', () => {
  expect(kindOf(sampleField({ name: 'billing_firstName' }))).toMatchObject({ kind: 'given-name', section: 'billing' });
  expect(kindOf(sampleField({ identifier: 'txtPostcode' })).kind).toBe('postal-code');
  expect(kindOf(sampleField({ name: 'vorname', language: 'de' })).kind).toBe('given-name');
});

test('a question of its own stays unknown, and is told', () => {
  const label = 'Which company have you admired most in the last years, and why?';
  expect(kindOf(sampleField({ label, type: 'textarea' }))).toMatchObject({ kind: null, certainty: 0, question: label });
  expect(kindOf(sampleField({ label: 'Search this site', type: 'search' })).question).toBeNull();
  expect(kindOf(sampleField({ label: 'Newsletter', type: 'checkbox' })).question).toBeNull();
});

test('what is about somebody else is not about the person', () => {
  expect(kindOf(sampleField({ label: "Mother's first name" })).kind).toBeNull();
  expect(kindOf(sampleField({ label: 'First name', heading: 'Emergency contact' })).kind).toBeNull();
  expect(kindOf(sampleField({ label: 'Name des Kindes', language: 'de' })).kind).toBeNull();
});

test('a label that speaks of two things is not sure', () => {
  expect(kindOf(sampleField({ label: 'Postcode / Town' })).certainty).toBeLessThan(0.7);
});

test('fields tell what those beside them are', () => {
  const asked = (...labels: string[]) =>
    kindsOf(labels.map((label, at) => sampleField({ id: `${at}`, label, language: 'de' }))).map(({ kind }) => kind);
  expect(asked('Vorname', 'Name')).toEqual(['given-name', 'family-name']);
  expect(asked('Name')).toEqual(['name']);
  expect(asked('Straße', 'Nr.')).toEqual(['street', 'house-number']);
  expect(asked('Adresse', 'Adresszusatz')).toEqual(['address-line1', 'address-line2']);
  expect(asked('Ländervorwahl', 'Telefon')).toEqual(['tel-country-code', 'tel-national']);
  expect(asked('Straße', 'Ort')).toEqual(['street-address', 'address-level2']);
});

test('the parts of a birthday are told by what stands over them', () => {
  const parts = ['Day', 'Month', 'Year'].map((label) =>
    sampleField({ label, heading: 'Date of birth', type: 'select', options: [] }),
  );
  expect(kindsOf(parts).map(({ kind }) => kind)).toEqual(['bday-day', 'bday-month', 'bday-year']);
  const others = parts.map((part) => ({ ...part, heading: 'Date of arrival' }));
  expect(kindsOf(others).map(({ kind }) => kind)).toEqual([null, null, null]);
});
