import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, labelled, soleValues, test } from './harness';
import { ALEX, ALEX_IN_PLAIN } from './profile';

/** In milliseconds: how long thirty fields may take, from the click to what is proposed. */
const SOON = 300;

const expected = JSON.parse(
  readFileSync(fileURLToPath(new URL('pages/plain.json', import.meta.url)), 'utf8'),
) as unknown;

test('thirty fields are read in their order, with what they ask for', async ({ open }) => {
  const forms = await open('plain.html');
  const fields = await forms.read();
  const kinds = await forms.kinds(fields);
  expect(fields.map(({ label, type }, at) => [label, type, kinds[at]?.kind])).toEqual(expected);
  expect(labelled(fields, 'Address line 2').heading).toBe('Where you live');
  expect(labelled(fields, 'Gender').options.map(({ text }) => text)).toEqual(['Female', 'Male', 'Other']);
  expect(labelled(fields, 'Phone number').constraints.maximumLength).toBe(13);
  expect(labelled(fields, 'First name').language).toBe('en-GB');
  expect(kinds.at(-2)?.question).toBe('Why would you like to use the reading room?');
});

test('thirty fields are read and proposed for soon', async ({ open }) => {
  const forms = await open('plain.html');
  const milliseconds = await forms.evaluate<number>(`
    (() => {
      const from = performance.now();
      const proposals = forms.propose(forms.readFields(document), ${JSON.stringify(ALEX)});
      return proposals.length === 30 ? performance.now() - from : NaN;
    })()`);
  console.log(`30 fields read and proposed in ${milliseconds.toFixed(1)} ms`);
  expect(milliseconds).toBeLessThan(SOON);
});

test('what is proposed goes in, is submitted by none, and can be undone', async ({ open, page }) => {
  const forms = await open('plain.html');
  const fields = await forms.read();
  const proposals = await forms.propose(fields, ALEX);
  const report = await forms.fill(soleValues(proposals));
  expect(report.fields.filter(({ outcome }) => outcome !== 'filled')).toEqual([]);
  const values = await page.evaluate(() => Object.fromEntries(new FormData(document.forms[0]).entries()));
  expect(values).toEqual(ALEX_IN_PLAIN);
  const withheld = proposals.flatMap(({ refusals }) => refusals.map(({ why }) => why));
  expect(withheld).toEqual(['withheld', 'withheld']);

  const undone = await forms.undo();
  expect(new Set(undone.fields.map(({ outcome }) => outcome))).toEqual(new Set(['restored']));
  const after = await page.evaluate(() => [...new FormData(document.forms[0]).values()].join(''));
  expect(after).toBe('');
  expect(await page.evaluate(() => Reflect.get(window, 'submitted'))).toBe(0);
});

test('what a person wrote is not overwritten unless it is ticked, and stays when changed since', async ({
  open,
  page,
}) => {
  const forms = await open('plain.html');
  await page.getByLabel('First name').fill('Sasha');
  const fields = await forms.read();
  const first = labelled(fields, 'First name');
  const proposals = await forms.propose(fields, ALEX);
  const ofFirst = proposals.find(({ field }) => field === first.id);
  expect(ofFirst).toMatchObject({ overwrites: 'Sasha', isTicked: false, candidates: [{ value: 'Alex' }] });

  await forms.fillLabelled(fields, { 'First name': 'Alex', 'Last name': 'Whitfield' });
  await page.getByLabel('Last name').fill('Marsh');
  const undone = await forms.undo();
  expect(undone.fields.map(({ outcome }) => outcome)).toEqual(['restored', 'changed']);
  await expect(page.getByLabel('First name')).toHaveValue('Sasha');
  await expect(page.getByLabel('Last name')).toHaveValue('Marsh');
});

test('a value is left out where the person typed after the preview', async ({ open, page }) => {
  const forms = await open('plain.html');
  const fields = await forms.read();
  await page.getByLabel('First name').fill('Robin');
  const report = await forms.fillLabelled(fields, { 'First name': 'Alex' });
  expect(report.fields.map(({ outcome }) => outcome)).toEqual(['changed']);
  await expect(page.getByLabel('First name')).toHaveValue('Robin');
});

test('the page is not written into by reading it', async ({ open, page }) => {
  const forms = await open('plain.html');
  await page.getByLabel('Middle name').focus();
  const before = await page.content();
  await forms.read();
  expect(await page.content()).toBe(before);
  await expect(page.getByLabel('Middle name')).toBeFocused();
});
