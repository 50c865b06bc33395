import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { ProfileEntry } from '../../src/forms/types';
import { expect, soleValues, test } from './harness';
import { CHINATSU, INES, JUTTA, ODILE, profileOf } from './profile';

const PEOPLE: readonly [string, readonly ProfileEntry[]][] = [
  ['german', JUTTA],
  ['french', ODILE],
  ['spanish', INES],
  ['japanese', CHINATSU],
];

function expected<T>(name: string): T[] {
  return JSON.parse(readFileSync(fileURLToPath(new URL(`pages/${name}.json`, import.meta.url)), 'utf8')) as T[];
}

for (const [name, profile] of PEOPLE) {
  test(`a ${name} form is understood, filled and emptied again`, async ({ open }) => {
    const forms = await open(`${name}.html`);
    const fields = await forms.read();
    const proposals = await forms.propose(fields, profile);
    const map = fields.map(({ label }, at) => [
      label,
      proposals[at]?.kind,
      proposals[at]?.candidates.map(({ value }) => value).join(' or ') || null,
    ]);
    expect(map).toEqual(expected(name));

    const report = await forms.fill(soleValues(proposals));
    expect(report.fields.filter(({ outcome }) => outcome !== 'filled' && outcome !== 'same')).toEqual([]);
    const after = await forms.read();
    expect(after.map(({ value }) => value || null)).toEqual(expected<unknown[]>(name).map(([, , value]) => value));
    const undone = await forms.undo();
    expect(undone.fields.filter(({ outcome }) => outcome !== 'restored')).toEqual([]);
    expect((await forms.read()).map(({ value }) => value)).toEqual(fields.map(({ value }) => value));
  });
}

test('an address is parted, joined and told apart by what it is for', async ({ open }) => {
  const forms = await open('address.html');
  const fields = await forms.read();
  const profile = [
    ...JUTTA,
    ...profileOf({ 'work email': 'office@aue.example', 'work street-address': 'Am Graben 3\nHaus B' }),
    { kind: 'work email', value: 'jutta.aue@spinnerei.example', source: { id: 'second', text: 'A letter' } },
  ];
  const proposals = await forms.propose(fields, profile);
  const map = fields.map(({ label }, at) => {
    const { kind, section, candidates } = proposals[at] ?? {};
    return [label, kind, section, candidates?.map(({ value }) => value)];
  });
  expect(map).toEqual(expected('address'));
  // Of two values that compete none is chosen; what does not fit is told.
  expect(proposals[8]?.isTicked).toBe(false);
  expect(proposals[6]?.refusals).toMatchObject([{ why: 'too long', value: 'Kassel' }]);
  expect(proposals[10]?.refusals).toMatchObject([{ why: 'pattern', value: '34117' }]);
  expect(proposals[5]?.candidates[0]?.sources.map(({ id }) => id)).toEqual(['street', 'house-number']);
});
