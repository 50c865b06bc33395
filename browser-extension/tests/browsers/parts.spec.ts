import { expect, test, type Locator, type Page } from '@playwright/test';
import { MODEL, ModelServer } from '../../../ui/tests/e2e/harness/model_server';
import { expectAccessible } from './accessible';
import { Browser } from './chromium';
import { partsPages } from './parts_pages';
import { png } from './png';
import { Site } from './site';

const RED = [200, 30, 30] as const;

let site: Site;
let other: Site;
let model: ModelServer;
let browser: Browser;

test.beforeAll(async () => {
  other = await Site.start({ '/visitor.png': { body: png(120, 90, RED), type: 'image/png' } });
  const queen = { body: png(240, 180, RED), type: 'image/png' };
  site = await Site.start({ ...partsPages(other.address), '/queen.png': queen });
  // A look at the window, as a person's click on the menu allows it for a tab, tests have for all pages.
  browser = await Browser.start('<all_urls>');
  model = await ModelServer.start();
  await browser.host.run(...model.arguments);
  await browser.host.run('providers', 'consent', 'cloud');
});

test.afterAll(async () => {
  await browser.stop();
  model.stop();
  await site.stop();
  await other.stop();
});

/** The panel of a page, in which nothing is left of what other tests typed and attached. */
async function panelOf(page: Page): Promise<Page> {
  const panel = await browser.panel(page);
  await panel.evaluate(() => localStorage.clear());
  await panel.reload();
  return panel;
}

/** What was attached, as the host has read it. */
async function attached(panel: Page, name: string): Promise<Locator> {
  await panel.getByRole('button', { name: `Attachment: ${name}` }).click();
  return panel.getByRole('complementary');
}

async function close(panel: Page): Promise<void> {
  await panel.keyboard.press('Escape');
}

test('a link is asked about: what it says, where it leads, and what stands around it', async () => {
  const page = await browser.open(`${site.address}/visit`);
  const panel = await panelOf(page);
  await page.bringToFront();
  await page.locator('#prices').scrollIntoViewIfNeeded();
  await page.locator('#prices').focus();
  const before = [...site.asked];
  await browser.choose(page, { menuItemId: 'ask-link', linkUrl: `${site.address}/prices`, frameId: 0 });
  await panel.bringToFront();
  const text = await attached(panel, 'Link what it costs today – Visit the orchard.md');
  await expect(text).toContainText('The link says: “what it costs *today*”');
  await expect(text).toContainText(`It leads to ${site.address}/prices`);
  await expect(text).toContainText('That is on the same site.');
  await expect(text).toContainText('There are 2 of these on the page');
  await expect(text).toContainText('Tickets');
  await expect(text).toContainText('On Sundays entry is free for beekeepers');
  await close(panel);
  expect(site.asked, 'nothing is fetched').toEqual(before);

  await panel.getByRole('textbox', { name: 'Question' }).fill('Who pays no entry on Sundays?');
  await panel.keyboard.press('Enter');
  const turn = panel.getByRole('article').last();
  await expect(turn).toContainText('entry is free for beekeepers');
  await page.evaluate(() => scrollTo(0, 0));
  await turn
    .getByRole('button', { name: /^Source 1: / })
    .first()
    .click();
  await expect
    .poll(() =>
      page.evaluate(() =>
        [...CSS.highlights.values()].flatMap((all) => [...all].map((range) => String(range))).join(' '),
      ),
    )
    .toContain('free for beekeepers');
});

test('of links that lead nowhere on the web, or to another site, that is said', async () => {
  const page = await browser.open(`${site.address}/visit`);
  const panel = await panelOf(page);
  await browser.choose(page, { menuItemId: 'ask-link', linkUrl: 'javascript:window.pressed=true', frameId: 0 });
  const script = await attached(panel, 'Link the press office – Visit the orchard.md');
  await expect(script).toContainText('It leads to no page on the web');
  await expect(script).toContainText('Write to');
  await close(panel);
  await browser.choose(page, { menuItemId: 'ask-link', linkUrl: 'https://evil.example/win', frameId: 0 });
  await expect(await attached(panel, 'Link our partner – Visit the orchard.md')).toContainText(
    'That is on another site: evil.example.',
  );
  await close(panel);
  // A page may change a link once it was pressed: then what the browser says of it is all that is known.
  await browser.choose(page, { menuItemId: 'ask-link', linkUrl: 'https://gone.example/', frameId: 0 });
  const gone = await attached(panel, 'Link – Visit the orchard.md');
  await expect(gone).toContainText('The link says nothing.');
  await expect(gone).toContainText('What stands around it on the page could not be read.');
  expect(await page.evaluate(() => 'pressed' in window)).toBe(false);
});

test('a link in a frame is asked about', async () => {
  const page = await browser.open(`${site.address}/framed`);
  const panel = await panelOf(page);
  const frame = await browser.frame(page, `${site.address}/visit`);
  await browser.choose(page, { menuItemId: 'ask-link', linkUrl: 'https://evil.example/win', frameId: frame });
  await expect(await attached(panel, 'Link our partner – Visit the orchard.md')).toContainText('Write to');
});

test('of an image, a model that reads text is told what the page says of it', async () => {
  const page = await browser.open(`${site.address}/queen`);
  const panel = await panelOf(page);
  const before = [...site.asked];
  await browser.choose(page, { menuItemId: 'ask-image', srcUrl: `${site.address}/queen.png`, frameId: 0 });
  await expect(panel.getByText(/^The image itself is not used, since the model that answers reads text/)).toBeVisible();
  const text = await attached(panel, 'Image A queen with a blue dot – The queen.md');
  await expect(text).toContainText('The page describes the image as: “A queen with a blue dot”');
  await expect(text).toContainText('Its caption: “Theodora, photographed in May by Igor.”');
  await expect(text).toContainText('Its file is called queen.png');
  await close(panel);
  await expect(panel.getByRole('button', { name: /^Attachment: .*\.png/ })).toHaveCount(0);
  expect(site.asked, 'nothing is fetched').toEqual(before);
});

test.describe('with a model that takes images', () => {
  test.beforeAll(() => browser.host.run('settings', 'set', 'models.language', MODEL));
  test.afterAll(() => browser.host.run('settings', 'unset', 'models.language'));

  /** The colour in the middle of the picture that was sent to the model last, and its size. */
  async function sent(panel: Page): Promise<{ width: number; height: number; colour: number[] }> {
    const picture = /data:image\/png;base64,([A-Za-z0-9+/=]+)/.exec(model.came.at(-1) ?? '')?.[1];
    expect(picture, 'the model is shown a picture').toBeDefined();
    return panel.evaluate(async (base64) => {
      const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
      const bitmap = await createImageBitmap(new Blob([bytes]));
      const drawing = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d')!;
      drawing.drawImage(bitmap, 0, 0);
      const { data } = drawing.getImageData(bitmap.width / 2, bitmap.height / 2, 1, 1);
      return { width: bitmap.width, height: bitmap.height, colour: [...data.slice(0, 3)] };
    }, picture ?? '');
  }

  async function ask(panel: Page): Promise<void> {
    const turns = await panel.getByRole('article').count();
    await panel.getByRole('textbox', { name: 'Question' }).fill('Who is on it?');
    await panel.keyboard.press('Enter');
    await expect(panel.getByRole('article').nth(turns).getByRole('button', { name: 'Copy answer' })).toBeVisible();
  }

  test('it is shown a picture as the page has it', async () => {
    const page = await browser.open(`${site.address}/queen`);
    const panel = await panelOf(page);
    const before = [...site.asked];
    await browser.choose(page, { menuItemId: 'ask-image', srcUrl: `${site.address}/queen.png`, frameId: 0 });
    await expect(panel.getByText('The image itself is attached.')).toBeVisible();
    await expect(panel.getByRole('button', { name: 'Attachment: A queen with a blue dot.png' })).toBeVisible();
    await expectAccessible(panel);
    await ask(panel);
    expect(await sent(panel)).toEqual({ width: 240, height: 180, colour: [...RED] });
    expect(model.came.at(-1)).toContain('photographed in May by Igor');
    expect(site.asked, 'nothing is fetched').toEqual(before);
  });

  test('it is shown a picture of another site as it is seen', async () => {
    const page = await browser.open(`${site.address}/visitor`);
    const panel = await panelOf(page);
    const before = [...other.asked];
    await page.bringToFront();
    await browser.leave(page, { kind: 'image', frame: 0, address: `${other.address}/visitor.png` });
    await expect(panel.getByRole('button', { name: 'Attachment: visitor.png' })).toBeVisible();
    await panel.bringToFront();
    await ask(panel);
    expect(await sent(panel)).toEqual({ width: 120, height: 90, colour: [...RED] });
    expect(other.asked, 'nothing is fetched').toEqual(before);
  });

  test('what cannot be had is said', async () => {
    const page = await browser.open(`${site.address}/visitor`);
    // The panel is in front, and so the picture is not to be seen.
    const panel = await panelOf(page);
    await browser.choose(page, { menuItemId: 'ask-image', srcUrl: `${other.address}/visitor.png`, frameId: 0 });
    await expect(panel.getByText(/^The image itself could not be taken from the page/)).toBeVisible();
    const text = await attached(panel, 'Image visitor.png – The visitor.md');
    await expect(text).toContainText('The page has no description of the image.');
    await expect(text).toContainText('This bee came over the wall on Tuesday');
  });
});

test('what is selected is asked about by keys and from the panel, as it is seen and with what stands around', async () => {
  const page = await browser.open(`${site.address}/visit`);
  const panel = await panelOf(page);
  const more = panel.getByRole('button', { name: 'More about this page' });
  await more.click();
  await panel.getByRole('menuitem', { name: 'Ask about the selection' }).click();
  await expect(panel.getByText('Nothing is selected on this page.')).toBeVisible();

  await page.evaluate(() => {
    const last = document.querySelector('#warden')!.closest('p')!;
    getSelection()!.setBaseAndExtent(last.firstChild!, 0, last, last.childNodes.length - 1);
  });
  await browser.press(page, 'ask-selection');
  const text = await attached(panel, 'Selection – Visit the orchard.md');
  await expect(text).toContainText('The warden of the gate is called Barnabas');
  await expect(text).not.toContainText('Mallory');
  await expect(text).toContainText('What stands around it on the page');
  await expect(text).toContainText('he sleeps at noon');
  await close(panel);
  await expect(panel.getByRole('textbox', { name: 'Question' })).toBeVisible();

  await more.click();
  await panel.getByRole('menuitem', { name: 'Ask about the selection' }).click();
  await expect(panel.getByRole('button', { name: 'Attachment: Selection – Visit the orchard.md' })).toHaveCount(2);
});

test('what is selected in a frame is asked about', async () => {
  const page = await browser.open(`${site.address}/framed`);
  const panel = await panelOf(page);
  await page.frames()[1]!.evaluate(() => getSelection()!.selectAllChildren(document.querySelector('#warden')!));
  await browser.press(page, 'ask-selection');
  await expect(await attached(panel, 'Selection – Framed.md')).toContainText('Barnabas');
});
