import { expect } from '@playwright/test';
import { test } from './reader';

// What is covered on pages that change while they are read. Which covers count is told by `hostile/covered.html`.

const LID = 'position: absolute; inset: 0; background: #fff';
const COVERED = `<div style="position: relative"><p>HIDDEN words</p><div style="${LID}"></div></div>`;
const PIXELS = 'iVBORw0KGgoAAAANSUhEUgAAAAQAAAAECAYAAACp8Z5+AAAAEklEQVR42mPQiOr5j4wZSBcAAEZoINEg0Wf+AAAAAElFTkSuQmCC';

/** Options by which something is done once, after all was read for the first time and before covers are looked for. */
const then = (script: string): string =>
  `{ send: () => { if (globalThis.isDone) return; globalThis.isDone = true; ${script} } }`;

/** Uses up the time until the page has its turn again. */
const WAIT = 'for (const end = performance.now() + 20; performance.now() < end; );';

test('a page that is scrolled before it is read again is read whole', async ({ reader }) => {
  await reader.show(
    `<p>First words</p>${COVERED}<p>Other words</p><div style="height: 40000px"></div><p>Last words</p>`,
  );
  // Each time that some of it was read, as it may be read in several goes.
  const scroll = `{ send: () => { Promise.resolve().then(() => scrollBy(0, 500)); ${WAIT} } }`;
  const text = JSON.stringify((await reader.snapshot(scroll)).root);
  expect(text).toContain('First words');
  expect(text).toContain('Other words');
  expect(text).toContain('Last words');
  expect(text).not.toContain('HIDDEN');
});

test('what was covered only in another layout than that of its cover is read', async ({ reader }) => {
  await reader.show(
    '<body style="margin: 0"><div id="ad" style="height: 300px">Buy</div><p style="margin: 0; height: 40px">SEEN words</p>' +
      `<div style="position: absolute; top: 300px; left: 0; width: 600px; height: 40px; background: #fff"></div>${COVERED}`,
  );
  const collapse = "document.getElementById('ad').style.height = '0'";
  const text = JSON.stringify((await reader.snapshot(then(collapse))).root);
  expect(text).toContain('SEEN words');
  expect(text).not.toContain('HIDDEN');
});

test('what is made anew under its cover while the page is read is left out', async ({ reader }) => {
  await reader.show(`<p>SEEN words</p>${COVERED}`);
  const renew = "const [, old] = document.querySelectorAll('p'); old.replaceWith(old.cloneNode(true));";
  const text = JSON.stringify((await reader.snapshot(then(renew))).root);
  expect(text).toContain('SEEN words');
  expect(text).not.toContain('HIDDEN');
});

test('a picture that the page cannot look at is asked once', async ({ reader }) => {
  await reader.page.route('https://other.test/**', (route) =>
    route.fulfill({ body: Buffer.from(PIXELS, 'base64'), contentType: 'image/png' }),
  );
  const picture = (source: string): string =>
    `<img style="position: absolute; inset: 0; width: 100%; height: 100%" src="${source}" alt="">`;
  await reader.show(
    `<div style="position: relative">${'<p>SEEN words</p>'.repeat(60)}${picture('https://other.test/a.png')}</div>` +
      `<div style="position: relative"><p>HIDDEN words</p>${picture(`data:image/png;base64,${PIXELS}`)}</div>`,
  );
  const text = JSON.stringify((await reader.snapshot()).root);
  expect(text.match(/SEEN words/g)).toHaveLength(60);
  expect(text).not.toContain('HIDDEN');
});

test('many small boxes leave larger ones their turn', async ({ reader }) => {
  const boxes = `<b style="position: absolute; left: 700px; top: 0; width: 8px; height: 8px; background: #fff"></b>`;
  await reader.show(`<p>SEEN words</p>${boxes.repeat(6000)}${COVERED}`);
  const text = JSON.stringify((await reader.snapshot()).root);
  expect(text).toContain('SEEN words');
  expect(text).not.toContain('HIDDEN');
});
