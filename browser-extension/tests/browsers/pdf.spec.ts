import { expect, test } from '@playwright/test';
import { Browser } from './chromium';
import { pdf } from './pdf_file';
import { Site } from './site';

let site: Site;
let browser: Browser;

test.beforeAll(async () => {
  const report = pdf('Report of the orchard', [
    'Report of the orchard',
    'The keeper of the orchard is called Barnabas.',
  ]);
  const large = Buffer.concat([Buffer.from('%PDF-1.4\n'), Buffer.alloc(40 << 20)]);
  site = await Site.start({
    '/login': { body: '<title>In</title>', type: 'text/html', headers: { 'Set-Cookie': 'member=yes; HttpOnly' } },
    // Without a name that tells what it is, and not to be kept.
    '/report': { body: report, type: 'application/pdf', headers: { 'Cache-Control': 'no-store' } },
    '/broken.pdf': { body: '%PDF-1.4\nThis is none.', type: 'application/pdf' },
    '/large.pdf': { body: large, type: 'application/pdf' },
  });
  browser = await Browser.start('http://127.0.0.1/*');
});

test.afterAll(async () => {
  await browser.stop();
  await site.stop();
});

test('a PDF in the browser’s viewer is asked about, as the person who is logged in sees it', async () => {
  await browser.open(`${site.address}/login`);
  const page = await browser.beside(`${site.address}/report`);
  const panel = await browser.panel(page);
  // The viewer tells the title once it has read the PDF; it is named by its address before.
  await expect(panel.getByRole('region', { name: 'This page' })).toContainText('Report of the orchard');
  await panel.getByRole('button', { name: 'Ask about this page' }).click();
  await expect(panel.getByRole('button', { name: /^Attachment: Report.*\.pdf/i })).toBeVisible();
  await panel.getByRole('textbox', { name: 'Question' }).fill('What is the keeper of the orchard called?');
  await panel.keyboard.press('Enter');
  const turn = panel.getByRole('article').last();
  await expect(turn).toContainText('Barnabas');
  await turn
    .getByRole('button', { name: /^Source 1: / })
    .first()
    .click();
  await expect(panel.getByRole('complementary')).toContainText('The keeper of the orchard is called Barnabas');
  const fetched = site.asked.flatMap((path, at) => (path === '/report' ? [site.cookies[at]] : []));
  expect(fetched).toEqual(fetched.map(() => 'member=yes'));
});

test('what cannot be read of a PDF is told', async () => {
  const large = await browser.panel(await browser.open(`${site.address}/large.pdf`));
  await large.getByRole('button', { name: 'Ask about this page' }).click();
  await expect(large.getByText(/^This PDF is too large/)).toBeVisible();
  const broken = await browser.panel(await browser.open(`${site.address}/broken.pdf`));
  await broken.getByRole('button', { name: 'Ask about this page' }).click();
  await expect(broken.getByRole('alert')).toContainText('broken');
  await expect(broken.getByRole('textbox', { name: 'Question' })).toBeVisible();
});

test('a PDF is not saved as a page, and has no tables', async () => {
  const panel = await browser.panel(await browser.open(`${site.address}/report`));
  await panel.getByRole('button', { name: 'More about this page' }).click();
  await panel.getByRole('menuitem', { name: 'Save this page' }).click();
  await expect(panel.getByText(/^A PDF can be asked about, but not saved as a page/)).toBeVisible();
});
