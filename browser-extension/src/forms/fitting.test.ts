import { expect, test } from 'vitest';
import { joinedStreet, partedStreet } from './addresses';
import { countryCode } from './countries';
import { dayOf, writtenDay } from './dates';
import { joinedName, partedName } from './names';
import { hasForm } from './patterns';
import { internationalForm, partedTelephone } from './telephone';

const DAY = { year: 2001, month: 2, day: 3 };

test.each([
  ['Allee 17a', 'Allee', '17a'],
  ['12 Quayside Road', 'Quayside Road', '12'],
  ['8 bis rue des Tanneurs', 'rue des Tanneurs', '8 bis'],
  ['Calle del Olmo, 21', 'Calle del Olmo', '21'],
  ['Straße des 17. Juni 135', 'Straße des 17. Juni', '135'],
  ['Am Wall 3-5', 'Am Wall', '3-5'],
])('“%s” is the street “%s” and the number “%s”', (line, street, number) => {
  expect(partedStreet(line)).toEqual({ street, number });
});

test('a line without a number is not parted', () => {
  expect(partedStreet('The Old Mill')).toBeNull();
  expect(joinedStreet({ street: 'Rue Haute', number: '4' }, 'FR')).toBe('4 Rue Haute');
});

test('a day has to exist', () => {
  expect(dayOf('2001-02-29')).toBeNull();
  expect(dayOf('2004-02-29')).toEqual({ year: 2004, month: 2, day: 29 });
  expect(dayOf('03.02.2001')).toBeNull();
});

test.each([
  [['TT.MM.JJJJ'], 'de', '03.02.2001'],
  [['jj/mm/aaaa'], 'fr', '03/02/2001'],
  [['dd-mm-yyyy'], 'nl', '03-02-2001'],
  [['DD/MM/YY'], 'en', '03/02/01'],
  [['YYYY-MM-DD'], 'de', '2001-02-03'],
  [['e.g. 31/12/1990'], 'en', '03/02/2001'],
  [['12/31/1990'], 'en', '02/03/2001'],
  [['GG/AA/YYYY'], 'tr', '03/02/2001'],
  [['gg/mm/aaaa'], 'it', '03/02/2001'],
  [['01/02/1990'], 'en-US', '02/03/2001'],
  [[''], 'en-GB', '03/02/2001'],
  [[''], 'ja', '2001/02/03'],
  [[''], 'nonsense!', '2001-02-03'],
])('%o in %s is written %s', (shown, language, written) => {
  expect(writtenDay(DAY, shown, language)).toBe(written);
});

test('countries are known by code and by name in every language', () => {
  const names = ['DE', 'de', 'Germany', 'Deutschland', 'Allemagne', 'Niemcy', 'Německo', 'Almanya', 'ドイツ', '德国'];
  expect(names.map(countryCode)).toEqual(names.map(() => 'DE'));
  expect(['UK', 'USA', 'Great Britain', 'XX', '', 'constructor'].map(countryCode)).toEqual([
    'GB',
    'US',
    'GB',
    null,
    null,
    null,
  ]);
});

test('names keep what belongs to the family', () => {
  expect(partedName('Ludwig van der Berg')).toMatchObject({ given: 'Ludwig', family: 'van der Berg', isSure: true });
  expect(partedName('Ada King Byron')).toMatchObject({
    given: 'Ada',
    additional: 'King',
    family: 'Byron',
    isSure: false,
  });
  expect(partedName('Madonna')).toBeNull();
  expect(joinedName('Ada', '', 'Byron', 'ja')).toBe('Ada Byron');
});

test('telephone numbers are parted', () => {
  expect(partedTelephone('+49 (0)561 / 4960123', null)).toMatchObject({
    countryCode: '49',
    country: 'DE',
    area: '0561',
  });
  expect(partedTelephone('0039 06 1234567', null)).toMatchObject({ countryCode: '39', national: '06 1234567' });
  expect(partedTelephone('+1 613 555 0123', 'CA')).toMatchObject({ country: 'CA', national: '613 555 0123' });
  expect(partedTelephone('ask me', null)).toBeNull();
  const london = partedTelephone('020 7946 0123', 'GB');
  expect(london && internationalForm(london)).toBe('+44 20 7946 0123');
});

test('patterns are tried where that is quick', () => {
  expect(hasForm('34117', '\\d{5}')).toBe(true);
  expect(hasForm('3411', '\\d{5}')).toBe(false);
  expect(hasForm('ab12', '[a-z]+[0-9]*')).toBe(true);
  expect(hasForm('x', '(')).toBe(true);
  for (const slow of ['(a+)+', '(a|a)*b', '(.*)*', '((a*)b?)+', '(a)\\1', '(x{1,}){2,}', `${'a*'.repeat(9)}b`]) {
    expect(hasForm('a'.repeat(50), slow)).toBeNull();
  }
});
