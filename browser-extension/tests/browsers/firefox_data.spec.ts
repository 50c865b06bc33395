import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import type { Page } from 'puppeteer-core';
import { ALEX_IN_PLAIN, ALEX_REMEMBERED } from '../forms/profile';
import { choose, Firefox, FIREFOX, PATIENCE, press, textsOf } from './firefox';
import { formPages } from './form_pages';
import { TABLE } from './pages';
import { Site } from './site';

test.skip(!existsSync(FIREFOX), `there is no Firefox at ${FIREFOX}; FIREFOX names one`);

test.describe.configure({ timeout: 300_000 });

const patient = expect.configure({ timeout: PATIENCE });

let site: Site;
let browser: Firefox;

test.beforeAll(async () => {
  test.setTimeout(180_000);
  site = await Site.start({ '/harvest': TABLE, ...(await formPages()) });
  browser = await Firefox.start('http://127.0.0.1/*');
});

test.afterAll(async () => {
  await browser?.stop();
  await site?.stop();
});

test('a table is saved as CSV in Firefox', async () => {
  const panel = await browser.panel(await browser.open(`${site.address}/harvest`));
  await panel.locator('::-p-text(Harvest)').wait();
  await choose(panel, 'Tables, lists and facts…');
  await panel.locator('section[aria-label="Honey by hive"] ::-p-text(2 rows)').wait();
  await press(panel, 'Save as a file: Honey by hive');
  const saved = (): Promise<string> => readFile(join(browser.downloads, 'Honey by hive.csv'), 'utf8').catch(() => '');
  await patient.poll(saved).toContain('9 kg');
  expect((await saved()).replace('\uFEFF', '').trim().split('\r\n')).toEqual([
    'Hive,Honey',
    '"First, by the wall",12 kg',
    `"'=HYPERLINK(""https://evil.example"")",9 kg`,
  ]);
});

test.describe('forms', () => {
  test.beforeAll(async () => {
    for (const text of ALEX_REMEMBERED) await browser.host.run('memory', 'add', text);
  });

  /** The preview of the form of a page, once it is there. */
  async function previewOf(page: Page): Promise<Page> {
    const panel = await browser.panel(page);
    await panel.locator('section[aria-label="This page"] ::-p-text(127.0.0.1)').wait();
    await choose(panel, 'Fill in a form…');
    await panel.locator('::-p-text(Only what you tick goes into the page)').wait();
    return panel;
  }

  /** What the preview shows, by the labels of the fields: the value, and where that comes from. */
  async function proposed(panel: Page): Promise<Record<string, [value: string, source: string | undefined]>> {
    const all = await panel.$$eval('main ul > li', (items) =>
      items.map((item) => {
        const control = item.querySelector('input:not([type=checkbox], [type=radio]), select, textarea');
        return {
          label: item.querySelector<HTMLElement>('.name')?.innerText ?? '',
          value: (control as HTMLInputElement | null)?.value ?? '',
          source: item.querySelector<HTMLElement>('.source')?.innerText,
        };
      }),
    );
    return Object.fromEntries(all.map(({ label, value, source }) => [label, [value, source]]));
  }

  test('a form of thirty fields is filled in after a look at it in Firefox, and put back', async () => {
    const page = await browser.open(`${site.address}/plain.html`);
    const panel = await previewOf(page);
    const shown = await proposed(panel);
    expect(Object.keys(shown)).toHaveLength(24);
    expect(shown).toMatchObject({
      'First name': ['Alex', 'From: First name: Alex'],
      'Email address': ['alex@whitfield.example', 'From: My email address is alex@whitfield.example'],
      Postcode: ['BS14QA', 'From: Postcode: BS1 4QA'],
      Gender: ['m', 'From: Gender: male'],
    });
    expect((await textsOf(panel, 'details summary')).join()).toContain('6 fields get nothing');
    const values = (): Promise<Record<string, string>> =>
      page.evaluate(() => Object.fromEntries(new FormData(document.forms[0]).entries()) as Record<string, string>);
    // What is shown is not in the page yet.
    expect(Object.values(await values()).join('')).toBe('');
    // What Ambit is not sure of, the person ticks.
    await panel.locator('::-p-aria(Fill in 19 fields[role="button"])').wait();
    await panel.$$eval('main li input[type=checkbox]:not(:checked)', (boxes) =>
      boxes.forEach((box) => (box as HTMLInputElement).click()),
    );
    await press(panel, 'Fill in 24 fields');
    await panel.locator('::-p-text(24 fields were filled in)').wait();
    expect(await values()).toEqual(ALEX_IN_PLAIN);
    await press(panel, 'Undo all');
    await panel.locator('::-p-text(24 fields are as before)').wait();
    expect(Object.values(await values()).join('')).toBe('');
    expect(await page.evaluate(() => Reflect.get(window, 'submitted') as number)).toBe(0);
  });

  for (const name of ['react', 'vue']) {
    test(`the state of a form in ${name} has what was filled in Firefox, and again what it had`, async () => {
      const page = await browser.open(`${site.address}/${name}.html`);
      const panel = await previewOf(page);
      expect(await proposed(panel)).toMatchObject({
        'Full name': ['Alex Whitfield', 'From: Full name: Alex Whitfield'],
        Birthday: ['1987-03-09', 'From: Date of birth: 1987-03-09'],
      });
      const answers = (): Promise<Record<string, unknown>> =>
        page.evaluate(() => ({ ...(Reflect.get(window, 'answers') as Record<string, unknown>) }));
      const before = await answers();
      await press(panel, 'Fill in 6 fields');
      // The page takes the space out of the postcode, and that is told.
      await panel.locator('[role="status"] ::-p-text(BS14QA)').wait();
      expect(await answers()).toEqual({
        name: 'Alex Whitfield',
        email: 'alex@whitfield.example',
        about: '',
        country: 'gb',
        size: 'male',
        born: '1987-03-09',
        news: false,
        code: 'BS14QA',
      });
      await press(panel, 'Undo all');
      await panel.locator('[role="status"] ::-p-text(as before)').wait();
      // No person can take the choice of a radio button back, and no framework listens for it.
      expect({ ...(await answers()), size: '' }).toEqual(before);
    });
  }
});
