import { afterEach, expect, it, vi } from 'vitest';
import { listenForPdf, pdfRequestIn } from './pdf_of_tab';

const ORIGIN = 'moz-extension://abc/';
const PANEL = { id: 'ambit', url: `${ORIGIN}panel.html` };
const ADDRESS = 'https://example.org/bees';
const REQUEST = { ambit: 'pdf-of-tab', tab: 7, address: ADDRESS, most: 100 };

type Hear = (message: unknown, sender: object, reply: (answer: unknown) => void) => true | undefined;

afterEach(() => vi.unstubAllGlobals());

/** A browser whose tab 7 shows an address; gives what was fetched, and how the background hears. */
function background(shown: string): { fetched: string[]; hear: Hear } {
  let hear: Hear = () => undefined;
  const fetched: string[] = [];
  vi.stubGlobal('chrome', {
    runtime: { id: 'ambit', getURL: () => ORIGIN, onMessage: { addListener: (added: Hear) => (hear = added) } },
    tabs: {
      get: (tab: number) => (tab === 7 ? Promise.resolve({ url: shown }) : Promise.reject(new Error('no such tab'))),
    },
  });
  vi.stubGlobal('fetch', (address: string) => {
    fetched.push(address);
    return Promise.resolve({ ok: true, body: new Blob(['%PDF-1.7 of bees']).stream() });
  });
  listenForPdf();
  return { fetched, hear };
}

it('the PDF that a tab shows is fetched for the panel', async () => {
  const { hear, fetched } = background(ADDRESS);
  const answer = new Promise((resolve) => expect(hear(REQUEST, PANEL, resolve)).toBe(true));
  expect(await ((await answer) as { bytes: Blob }).bytes.text()).toBe('%PDF-1.7 of bees');
  expect(fetched).toEqual([ADDRESS]);
});

it('nothing is fetched that the tab does not show, or that anybody else asks for', async () => {
  const { hear, fetched } = background('https://example.org/wasps');
  for (const request of [REQUEST, { ...REQUEST, tab: 8 }]) {
    const answer = new Promise((resolve) => hear(request, PANEL, resolve));
    expect(await answer).toEqual({ bytes: null, problem: 'refused' });
  }
  const page = { id: 'ambit', url: 'https://example.org/wasps' };
  expect(hear({ ...REQUEST, address: page.url }, page, () => undefined)).toBeUndefined();
  expect(fetched).toEqual([]);
});

it('what is no such request is not heard', () => {
  expect(pdfRequestIn(REQUEST)).toEqual(REQUEST);
  for (const other of [null, 'pdf-of-tab', { ...REQUEST, ambit: 'pdf' }, { ...REQUEST, tab: '7' }, { ambit: 'read' }])
    expect(pdfRequestIn(other)).toBeNull();
});
