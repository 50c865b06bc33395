import { existsSync } from 'node:fs';
import { expect, test } from '@playwright/test';
import { ask, choose, Firefox, FIREFOX, inMenu, PATIENCE, press, textsOf } from './firefox';
import { ARTICLE, fiveMegabytes, WINTER } from './pages';
import { pdf } from './pdf_file';
import { Site } from './site';
import { timedRead } from './timed_read';

test.skip(!existsSync(FIREFOX), `there is no Firefox at ${FIREFOX}; FIREFOX names one`);

test.describe.configure({ timeout: 300_000 });

const patient = expect.configure({ timeout: PATIENCE });

/** The longest that a page may have to wait while it is read, in milliseconds, also where others keep the machine busy. */
const LONGEST_PAUSE = 1_000;

let site: Site;
let browser: Firefox;

test.beforeAll(async () => {
  test.setTimeout(180_000);
  const report = pdf('Report of the orchard', ['The keeper of the orchard is called Barnabas.']);
  site = await Site.start({
    '/hives': ARTICLE,
    '/winter': WINTER,
    '/wasps': '<title>The wasps</title><h1>The wasps</h1><p>The wasps live in the roof of the shed.</p>',
    '/log': fiveMegabytes(),
    '/report': { body: report, type: 'application/pdf' },
  });
  browser = await Firefox.start('http://127.0.0.1/*');
});

test.afterAll(async () => {
  await browser?.stop();
  await site?.stop();
});

test('a page is asked about in Firefox, and the citation scrolls to its passage', async () => {
  const page = await browser.open(`${site.address}/hives`);
  const panel = await browser.panel(page);
  await panel.locator('::-p-text(The hives of the orchard)').wait();
  await press(panel, 'Ask about this page');
  await panel.locator('::-p-text(The hives of the orchard.md)').wait();
  await ask(panel, 'What is the queen of the second hive called?');
  await panel.locator('::-p-aria(Copy answer[role="button"])').wait();
  const [answer] = await textsOf(panel, 'article');
  expect(answer).toContain('Theodora');
  expect(answer).not.toContain('Mallory');
  await panel.locator('button[aria-label^="Source 1: "]').click();
  await patient.poll(() => page.evaluate(() => scrollY)).toBeGreaterThan(200);
});

test('what is selected in a page is saved and asked about in Firefox', async () => {
  const page = await browser.open(`${site.address}/hives`);
  await page.evaluate(() => {
    const sentence = document.querySelector('h2 + p');
    if (sentence) getSelection()?.selectAllChildren(sentence);
  });
  const panel = await browser.panel(page);
  await panel.locator('::-p-text(The hives of the orchard)').wait();
  await choose(panel, 'Save the selection');
  await panel.locator('::-p-text(Saved of The hives of the orchard: the selection.)').wait();
  expect(await browser.host.run('pages', 'list')).toContain('(selection)');
  await choose(panel, 'Remove what is saved of it');
  await panel.locator('::-p-text(What was saved of this page is gone.)').wait();
  await choose(panel, 'Ask about the selection');
  await panel.locator('button ::-p-text(Selection – The hives of the orchard.md)').click();
  await panel.locator('aside ::-p-text(marked blue in May)').wait();
  expect((await textsOf(panel, 'aside')).join()).not.toContain('Mallory');
});

test('a page is saved in Firefox, found from the terminal, and removed again', async () => {
  const panel = await browser.panel(await browser.open(`${site.address}/hives`));
  await panel.locator('::-p-text(The hives of the orchard)').wait();
  await choose(panel, 'Save this page');
  await panel.locator('::-p-text(Saved: The hives of the orchard)').wait();
  await panel.locator('section[aria-label="This page"] ::-p-text(Saved on)').wait();
  const found = await browser.host.run('ask', 'What is the queen of the second hive called?');
  expect(found).toContain('Theodora');
  expect(found).not.toContain('Mallory');
  expect(await browser.host.run('pages', 'list')).toContain(`${site.address}/hives`);
  await choose(panel, 'Remove what is saved of it');
  await panel.locator('::-p-text(What was saved of this page is gone.)').wait();
  expect(await browser.host.run('pages', 'list')).not.toContain('/hives');
});

test('what there is on a page is shown beside it in Firefox', async () => {
  await browser.host.write('Notes/hives.md', '# Hives\n\nThe hives of the orchard were painted green by Edmund.\n');
  await browser.host.run('index', 'add', `${browser.host.home}/Notes`, '--wait');
  const page = await browser.open(`${site.address}/winter`);
  const panel = await browser.panel(page);
  await panel.locator('::-p-text(The hives of the orchard in winter)').wait();
  await press(panel, 'What do I have on this?');
  await panel.locator('::-p-text(painted green by Edmund)').wait();
  await panel.locator('section[aria-labelledby="related-files"] button').click();
  await panel.locator('aside ::-p-text(painted green by Edmund)').wait();
});

test('own prompts are kept, stand in the menu of Firefox, and are asked', async () => {
  const page = await browser.open(`${site.address}/hives`);
  const panel = await browser.panel(page);
  // Until the page is known, the menu has other entries.
  await panel.locator('::-p-text(The hives of the orchard)').wait();
  await choose(panel, 'Own prompts…');
  await press(panel, 'New prompt');
  await panel.locator('dialog input').fill('Queens');
  await panel.locator('dialog textarea').fill('What is the queen of the second hive called?');
  await press(panel, 'Save');
  await panel.locator('li ::-p-text(Queens)').wait();
  const kept = await panel.evaluate(async () => (await chrome.storage.local.get('prompts'))['prompts']);
  const [{ id }] = kept as [{ id: string }];
  await expect.poll(() => inMenu(panel, id)).toBe(true);
  await choose(panel, 'Queens');
  await panel.locator('::-p-aria(Copy answer[role="button"])').wait();
  expect(await textsOf(panel, 'article')).toEqual([expect.stringContaining('Theodora')]);
  await panel.evaluate(() => chrome.storage.local.clear());
  await expect.poll(() => inMenu(panel, id)).toBe(false);
});

test('a PDF in the viewer of Firefox is asked about', async () => {
  const address = `${site.address}/report`;
  const panel = await browser.panel(await browser.openPdf(address), address);
  await press(panel, 'Ask about this page');
  await panel.locator('[aria-label="What the question is about"] ::-p-text(.pdf)').wait();
  await ask(panel, 'What is the keeper of the orchard called?');
  await panel.locator('::-p-aria(Copy answer[role="button"])').wait();
  expect(await textsOf(panel, 'article')).toEqual([expect.stringContaining('Barnabas')]);
});

test('the panel itself speaks with nobody but Ambit in Firefox either', async () => {
  const panel = await browser.panel(await browser.open(`${site.address}/hives`));
  const refused = await panel.evaluate(
    (elsewhere) =>
      new Promise<string>((resolve) => {
        document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) => resolve(effectiveDirective));
        fetch(elsewhere, { mode: 'no-cors' }).then(
          () => resolve('let through'),
          () => setTimeout(() => resolve('refused by something else'), 1_000),
        );
      }),
    `${site.address.replace('127.0.0.1', 'localhost')}/wasps`,
  );
  expect(refused).toBe('connect-src');
});

test('a site is allowed in Firefox, and its tab read along with the page', async () => {
  const page = await browser.open(`${site.address}/hives`);
  await browser.open(`${site.address.replace('127.0.0.1', 'localhost')}/wasps`);
  const panel = await browser.panel(page);
  await panel.locator('::-p-text(The hives of the orchard)').wait();
  await choose(panel, 'Compare tabs…');
  await panel.locator('::-p-text(sees neither)').wait();
  await panel.locator('form input[placeholder="example.org"]').fill('localhost');
  await press(panel, 'Allow');
  await panel.locator('label ::-p-text(The wasps)').click();
  await press(panel, 'Ask about them');
  await panel.locator('::-p-text(The wasps.md)').wait();
  await panel.locator('::-p-text(The hives of the orchard.md)').wait();
});

test('a page of five megabytes is read in Firefox while it goes on, and what is left out is said', async () => {
  const page = await browser.open(`${site.address}/log`);
  const panel = await browser.panel(page);
  // Of a tab that is not in front, Firefox slows the clock.
  await page.bringToFront();
  await page.evaluate(() => {
    const pauses: number[] = [];
    Reflect.set(window, 'pauses', pauses);
    let last = performance.now();
    setInterval(() => {
      const now = performance.now();
      pauses.push(now - last);
      last = now;
    }, 10);
  });
  const { took, isCut } = await timedRead(panel);
  const pauses = await page.evaluate(() => Reflect.get(window, 'pauses') as number[]);
  const longest = Math.max(...pauses);
  console.log(`read in ${took.toFixed(0)} ms in Firefox, longest pause ${longest.toFixed(0)} ms of ${pauses.length}`);
  expect(isCut).toBe(true);
  expect(took).toBeLessThan(30_000);
  expect(longest).toBeLessThan(LONGEST_PAUSE);
  await panel.bringToFront();
  await press(panel, 'Ask about this page');
  await panel.locator('::-p-text(The page is longer than what is read of it.)').wait();
  await panel.locator('::-p-text(The log.md)').wait();
});
