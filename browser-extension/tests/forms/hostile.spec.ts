import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, labelled, soleValues, test } from './harness';
import { ALEX } from './profile';

function expected(name: string): unknown {
  return JSON.parse(readFileSync(fileURLToPath(new URL(`pages/${name}.json`, import.meta.url)), 'utf8'));
}

test('what a person does not see gets nothing', async ({ open, page }) => {
  const forms = await open('hidden.html');
  const fields = await forms.read();
  expect(fields.map(({ name }) => name)).toEqual(expected('hidden'));
  await forms.fill(soleValues(await forms.propose(fields, ALEX)));
  const traps = await page.evaluate(() =>
    [...document.querySelectorAll<HTMLInputElement>('[name^=trap]')].filter(
      ({ type, value }) => type !== 'hidden' && value !== '',
    ),
  );
  expect(traps).toEqual([]);
  await expect(page.locator('[name=shown-5]')).toHaveValue('Whitfield');
});

test('fields below the window are judged without scrolling', async ({ open, page }) => {
  const forms = await open('hidden.html');
  await forms.read();
  expect(await page.evaluate(() => scrollY)).toBe(0);
  await page.evaluate(() => scrollTo(0, 5000));
  const names = (await forms.read()).map(({ name }) => name);
  expect(names).toEqual(expected('hidden'));
});

test('what a box scrolls is seen, but not what lies before its beginning or is cut off', async ({ open, page }) => {
  const forms = await open('shell.html');
  const names = async () => (await forms.read()).map(({ name }) => name);
  expect(await names()).toEqual(['shown-1', 'scrollTop', 'shown-2']);
  await page.evaluate(() => document.querySelector('main')?.scrollTo(0, 5000));
  expect(await names()).toEqual(['shown-1', 'scrollTop', 'shown-2']);
  await page.evaluate(() => document.querySelector('dialog')?.showModal());
  expect(await names()).toEqual(['inside']);
});

test('cards, codes and accounts at a checkout are not even read', async ({ open }) => {
  const forms = await open('checkout.html');
  const fields = await forms.read();
  const kinds = await forms.kinds(fields);
  expect(fields.map(({ label }, at) => [label, kinds[at]?.kind, kinds[at]?.section])).toEqual(expected('checkout'));
});

test('passwords, codes and secrets are not even read, whatever type and language they are in', async ({ open }) => {
  const forms = await open('sign.html');
  expect((await forms.read()).map(({ label }) => label)).toEqual(['Username', 'Email', 'Shipping town']);
});

test('fields that are made others between preview and filling are left out', async ({ open, page }) => {
  const forms = await open('swapped.html');
  const fields = await forms.read();
  await page.evaluate(() => (Reflect.get(window, 'swap') as () => void)());
  const report = await forms.fillLabelled(fields, {
    'First name': 'Alex',
    'Last name': 'Whitfield',
    Town: 'Bristol',
    Company: 'Harbour',
    'Job title': 'Hydrologist',
    Nickname: 'Lex',
    Country: '2',
    Website: 'https://whitfield.example',
  });
  expect(report.fields.map(({ outcome }) => outcome)).toEqual([
    'swapped',
    'gone',
    'swapped',
    'hidden',
    'hidden',
    'swapped',
    'no option',
    'filled',
  ]);
  const values = await page.evaluate(() =>
    [...document.querySelectorAll<HTMLInputElement>('input, select')].map(({ value }) => value),
  );
  expect(values).toEqual(['', '', '', '', '', '', '', 'https://whitfield.example']);
});

test('a field that another field makes vanish while it is filled is left out', async ({ open, page }) => {
  const forms = await open('swapped.html');
  const fields = await forms.read();
  await page.evaluate(() => {
    const [first, last] = ['#a', '#b'].map((id) => document.querySelector<HTMLInputElement>(id));
    first?.addEventListener('input', () => last?.setAttribute('style', 'display: none'));
  });
  const report = await forms.fillLabelled(fields, { 'First name': 'Alex', 'Last name': 'Whitfield' });
  expect(report.fields.map(({ outcome }) => outcome)).toEqual(['filled', 'hidden']);
  await expect(page.locator('#b')).toHaveValue('');
});

test('a field that is made another as soon as it has the focus is left out', async ({ open, page }) => {
  const forms = await open('swapped.html');
  const fields = await forms.read();
  await page.evaluate(() => {
    const input = (id: string) => document.querySelector(id) as HTMLInputElement;
    input('#a').addEventListener('focus', () => (input('#a').type = 'password'));
    input('#b').addEventListener('beforeinput', () => (input('#b').name = 'card-number'));
    input('#g').addEventListener('focus', () => input('#g').setAttribute('style', 'opacity: 0'));
  });
  const report = await forms.fillLabelled(fields, { 'First name': 'Alex', 'Last name': 'Whitfield', Country: '2' });
  expect(report.fields.map(({ outcome }) => outcome)).toEqual(['swapped', 'swapped', 'hidden']);
  const values = await page.evaluate(() =>
    [...document.querySelectorAll<HTMLInputElement>('#a, #b, #g')].map(({ value }) => value),
  );
  expect(values).toEqual(['', '', '']);
});

test('labels are texts: no instruction, markup or hidden sign in them does anything', async ({ open, page }) => {
  const forms = await open('instructions.html');
  const fields = await forms.read();
  const kinds = await forms.kinds(fields);
  expect(fields[1]?.label).toBe('Email');
  expect(fields[2]?.label).toBe('<img src=x onerror="window.hit=1"> Town');
  expect(fields[3]?.label).toBe('Phone number');
  expect(fields.every(({ label }) => label.length <= 200)).toBe(true);
  // What a long label asks for at its end is seen.
  expect(fields.map(({ name }) => name)).not.toContain('g');
  const proposals = await forms.propose(fields, ALEX);
  expect(proposals[0]).toMatchObject({ kind: null, candidates: [], isTicked: false });
  // The page says one thing to people and another to browsers.
  expect(proposals[4]).toMatchObject({ kind: 'email', isTicked: false });
  expect(kinds[5]?.kind).toBeNull();
  expect(kinds[6]?.kind).toBeNull();
  expect(await page.evaluate(() => 'hit' in window)).toBe(false);
});

test('names that hide the properties of a form or a document hide nothing', async ({ open, page }) => {
  const forms = await open('clobbering.html');
  const fields = await forms.read();
  expect(fields.map(({ label }) => label)).toEqual([
    'First name',
    'Last name',
    'Email',
    'Town',
    'Postcode',
    'Company',
    'Phone',
    'Website',
    'Job title',
    'Nickname',
    'School',
    'Gender',
    'Country',
    'About you',
    'Notes',
  ]);
  const notes = { id: labelled(fields, 'Notes').id, value: 'Rivers' };
  const report = await forms.fill([...soleValues(await forms.propose(fields, ALEX)), notes]);
  expect(report.fields.filter(({ outcome }) => outcome !== 'filled')).toEqual([]);
  // Three names speak of parents and children, so that nothing is proposed there.
  expect(report.fields).toHaveLength(11);
  const others = await forms.fillLabelled(fields, { Town: 'Bristol', Postcode: 'BS1 4QA', Company: 'Harbour' });
  expect(others.fields.map(({ outcome }) => outcome)).toEqual(['filled', 'filled', 'filled']);
  const values = await page.evaluate(() => [
    ...[...document.querySelectorAll('input')].map(({ type, value, checked }) => (type === 'radio' ? checked : value)),
    document.querySelector('select')?.value,
    document.querySelector('div')?.textContent,
  ]);
  expect(values).toEqual([
    'Alex',
    'Whitfield',
    'alex@whitfield.example',
    'Bristol',
    'BS1 4QA',
    'Harbour',
    '+44 117 4960123',
    'https://whitfield.example',
    'Hydrologist',
    'Lex',
    'University of Exeter',
    false,
    true,
    '__proto__',
    'Rivers',
  ]);
  const undone = await forms.undo();
  expect(undone.fields.filter(({ outcome }) => outcome !== 'restored')).toEqual([]);
});

test('shadow roots and frames of the same site are read in their place, and filled', async ({ open, page }) => {
  const forms = await open('frames.html');
  const fields = await forms.read();
  const first = ['top', 'shadow', 'slotted', 'inner', 'mail'];
  // The page frames itself once more; the frame of another site stays closed.
  expect(fields.map(({ name }) => name)).toEqual([...first, ...first, 'bottom', 'bottom']);
  const inner = fields.find(({ name }) => name === 'inner');
  const shadow = fields.find(({ name }) => name === 'shadow');
  expect(inner).toMatchObject({ label: 'Vorname', language: 'de' });
  expect(shadow?.label).toBe('Last name');
  const report = await forms.fill([
    { id: inner?.id ?? '', value: 'Jutta' },
    { id: shadow?.id ?? '', value: 'Aue' },
  ]);
  expect(report.fields.map(({ outcome }) => outcome)).toEqual(['filled', 'filled']);
  const frame = page.frames().find((one) => one.url().endsWith('/inner.html') && one.url().includes('forms.test'));
  const heard = await frame?.evaluate(() => [document.querySelector('input')?.value, Reflect.get(window, 'heard')]);
  expect(heard).toEqual(['Jutta', 1]);
  await expect(page.locator('reader-card input')).toHaveValue('Aue');
});

test('nothing is submitted while fields are filled, and what the page tried is told', async ({ open, page }) => {
  const forms = await open('submits.html');
  const fields = await forms.read();
  const asked: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  const report = await forms.fillLabelled(fields, {
    'First name': 'Alex',
    'Last name': 'Whitfield',
    Town: 'Bristol',
    Company: 'Harbour Instruments',
    Nickname: 'Lex',
  });
  expect(report.fields.map(({ outcome }) => outcome)).toEqual(['filled', 'filled', 'filled', 'filled', 'filled']);
  expect(report.stoppedSubmissions).toBeGreaterThanOrEqual(4);
  await page.waitForTimeout(300);
  expect(asked).toEqual([]);
  expect(page.url()).toMatch(/submits\.html#step$/);

  // The person can send the form themselves afterwards.
  await page.getByRole('button', { name: 'Send' }).click();
  await expect(page).toHaveTitle('Elsewhere');
});

test('enormous and deep pages are read within a bound', async ({ open, page }) => {
  const forms = await open('plain.html');
  await page.evaluate(() => {
    let at: HTMLElement = document.body;
    for (let depth = 0; depth < 1000; depth += 1) at = at.appendChild(document.createElement('div'));
    const many = document.createDocumentFragment();
    for (let count = 0; count < 100_000; count += 1) many.append(document.createElement('i'));
    document.body.append(many);
  });
  const from = Date.now();
  expect(await forms.read()).toHaveLength(30);
  console.log(`101 000 elements read in ${Date.now() - from} ms`);
  expect(Date.now() - from).toBeLessThan(5000);
});
