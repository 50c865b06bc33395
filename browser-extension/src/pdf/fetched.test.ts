import { afterEach, expect, it, vi } from 'vitest';
import { fetchPdf } from './fetched';

afterEach(() => vi.unstubAllGlobals());

/** Has what is fetched come in pieces; gives how many of them were taken. */
function serve(pieces: (string | number)[], status = 200): () => number {
  let taken = 0;
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const piece = pieces[taken++];
        if (piece === undefined) return controller.close();
        controller.enqueue(typeof piece === 'string' ? new TextEncoder().encode(piece) : new Uint8Array(piece));
      },
    },
    { highWaterMark: 0 },
  );
  vi.stubGlobal('fetch', () => Promise.resolve({ ok: status === 200, body }));
  return () => taken;
}

it('a PDF is taken whole, in whatever pieces it comes', async () => {
  serve(['%P', 'DF-1.7 of', ' bees']);
  const { bytes } = await fetchPdf('https://example.org/bees.pdf', 100);
  expect(await bytes?.text()).toBe('%PDF-1.7 of bees');
  serve([1000, '%PDF-1.4']);
  expect((await fetchPdf('https://example.org/bees.pdf', 2000)).bytes?.size).toBe(1008);
});

it('of anything else, no more is taken than what tells that', async () => {
  const taken = serve(['<!doctype html>', 2000, 5_000_000]);
  expect(await fetchPdf('https://example.org/', 1e9)).toEqual({ bytes: null, problem: 'no-pdf' });
  expect(taken()).toBe(2);
  serve(['short']);
  expect((await fetchPdf('https://example.org/', 1e9)).problem).toBe('no-pdf');
});

it('what is too large is not read to its end, whatever its length is said to be', async () => {
  const taken = serve(['%PDF-1.7', 60, 60, 60, 60]);
  expect((await fetchPdf('https://example.org/bees.pdf', 100)).problem).toBe('too-large');
  expect(taken()).toBe(3);
});

it('what is refused is told', async () => {
  serve([], 403);
  expect((await fetchPdf('https://example.org/bees.pdf', 100)).problem).toBe('refused');
  vi.stubGlobal('fetch', () => Promise.reject(new TypeError('Failed to fetch')));
  expect((await fetchPdf('https://example.org/bees.pdf', 100)).problem).toBe('refused');
});
