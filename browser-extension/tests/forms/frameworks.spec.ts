import { expect, soleValues, test } from './harness';
import { profileOf } from './profile';

const PERSON = profileOf({
  name: 'Alex Whitfield',
  email: 'alex@whitfield.example',
  country: 'GB',
  sex: 'male',
  bday: '1987-03-09',
  'postal-code': 'BS1 4QA',
});

const EMPTY = { name: '', email: '', about: '', country: '', size: '', born: '', news: false, code: '' };

for (const name of ['react', 'vue']) {
  test(`the state of a form in ${name} has what was filled, and again what it had`, async ({ open, page }) => {
    const forms = await open(`${name}.html`);
    await expect(page.getByLabel('Full name')).toBeVisible();
    const fields = await forms.read();
    expect(fields.map(({ label, type }) => [label, type])).toEqual([
      ['Full name', 'text'],
      ['Email', 'email'],
      ['About you', 'textarea'],
      ['Country', 'select'],
      ['Gender', 'radio'],
      ['Birthday', 'date'],
      ['Newsletter', 'checkbox'],
      ['Postcode', 'text'],
    ]);
    const [about, news] = [fields[2], fields[6]];
    const report = await forms.fill([
      ...soleValues(await forms.propose(fields, PERSON)),
      { id: about?.id ?? '', value: 'Rivers,\nmostly' },
      { id: news?.id ?? '', value: 'true' },
    ]);
    expect(await page.evaluate(() => window.answers)).toEqual({
      name: 'Alex Whitfield',
      email: 'alex@whitfield.example',
      about: 'Rivers,\nmostly',
      country: 'gb',
      size: 'male',
      born: '1987-03-09',
      news: true,
      code: 'BS14QA',
    });
    // The page takes the space out of the postcode, and that is told.
    const altered = report.fields.filter(({ outcome }) => outcome !== 'filled');
    expect(altered).toEqual([{ id: fields[7]?.id, outcome: 'altered', value: 'BS14QA' }]);

    const undone = await forms.undo();
    const answers = await page.evaluate(() => window.answers);
    // No person can take the choice of a radio button back, and no framework listens for it.
    expect({ ...answers, size: '' }).toEqual(EMPTY);
    expect(undone.fields.filter(({ outcome }) => outcome !== 'restored').length).toBeLessThanOrEqual(1);
    await expect(page.getByLabel('Full name')).toHaveValue('');
    await expect(page.getByLabel('Newsletter')).not.toBeChecked();
  });
}
