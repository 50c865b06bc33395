import { expect, labelled, test } from './harness';

test('texts that can be edited take what was confirmed, as if it were typed', async ({ open, page }) => {
  const forms = await open('editable.html');
  const fields = await forms.read();
  expect(fields.map(({ label, type }) => [label, type])).toEqual([
    ['Notes', 'editable'],
    ['Description', 'editable'],
    ['Refusing', 'editable'],
    ['Town', 'combobox'],
    ['Country', 'listbox'],
    ['Trap', 'listbox'],
    ['Languages', 'select-multiple'],
  ]);
  // What would press a button is no choice.
  expect(labelled(fields, 'Trap').options).toEqual([]);
  expect(labelled(fields, 'Description').value).toBe('Old text');
  const report = await forms.fillLabelled(fields, {
    Notes: 'Rivers & <b>lakes</b>',
    Description: 'New',
    Refusing: 'Anything',
    Town: 'Bristol',
    Country: 'gb',
    Languages: 'cy\nen',
  });
  expect(report.fields.map(({ outcome }) => outcome)).toEqual([
    'filled',
    'filled',
    'refused',
    'filled',
    'filled',
    'filled',
  ]);
  await expect(page.locator('#plain')).toHaveText('Rivers & <b>lakes</b>');
  await expect(page.locator('#refusing')).toHaveText('');
  await expect(page.locator('#several')).toHaveValues(['cy', 'en']);
  await expect(page.locator('[aria-selected=true]')).toHaveText('United Kingdom');
  expect(await page.evaluate(() => Reflect.get(window, 'heard') as string[])).toEqual([
    'before insertText',
    'insertText',
  ]);

  const undone = await forms.undo();
  expect(undone.fields.filter(({ outcome }) => outcome !== 'restored').map(({ id }) => id)).toEqual([
    labelled(fields, 'Country').id,
  ]);
  expect(await page.locator('#rich').innerHTML()).toBe('<b>Old</b> text');
  await expect(page.locator('#plain')).toHaveText('');
  await expect(page.locator('#several')).toHaveValues(['en']);
});

test('an option that is closed, and one that there is not, are told and change nothing', async ({ open, page }) => {
  const forms = await open('editable.html');
  const fields = await forms.read();
  const report = await forms.fillLabelled(fields, { Country: 'es', Languages: 'fr' });
  expect(report.fields.map(({ outcome }) => outcome)).toEqual(['no option', 'no option']);
  await expect(page.locator('#several')).toHaveValues(['en']);
});
