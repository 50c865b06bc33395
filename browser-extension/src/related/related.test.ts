import { expect, it } from 'vitest';
import type { Host } from '../../../ui/src/backend/host';
import type { FoundTurn, Hit, SavedPage } from '../../../ui/src/backend/types';
import { answersWith, changeSince, passagesOn, savedOf } from './related';

const signal = new AbortController().signal;

function saved(url: string, more: Partial<SavedPage> = {}): SavedPage {
  return { url, title: url, path: `/pages/${url}`, is_selection: false, saved_at: 1, ...more };
}

function hit(path: string, document: number, rerank: number): Hit {
  return { path, document, scores: { rerank, fused: 0 } } as Hit;
}

/** A host that gives these answers by the beginning of what is asked. */
function hostOf(answers: Record<string, unknown>): Host {
  const answer = (path: string, input?: { query?: { query?: string } }): Promise<unknown> =>
    Promise.resolve(answers[input?.query?.query ?? path]);
  return { get: answer, post: answer } as unknown as Host;
}

it('saved pages are of the address, of its site, or of others', () => {
  const pages = [
    saved('https://a.test/x?q=1'),
    saved('https://a.test/x?q=1', { is_selection: true }),
    saved('https://a.test/y'),
    saved('https://b.a.test/x'),
    saved('https://a.test:8443/x'),
    ...Array.from({ length: 20 }, (_, at) => saved(`https://a.test/${at}`)),
  ];
  const { page, site, siteCount } = savedOf(pages, 'https://a.test/x?q=1#part');
  expect(page).toEqual(pages.slice(0, 2));
  expect([site[0]?.url, site.length, siteCount]).toEqual(['https://a.test/y', 8, 21]);
});

it('of passages the best of each file is shown, without those of the page itself and without weak ones', async () => {
  const own = saved('https://a.test/x');
  const other = saved('https://b.test/');
  const passages = [
    hit(own.path, 1, 0.9),
    hit(other.path, 2, 0.8),
    hit('/notes/a.md', 3, 0.7),
    hit('/notes/a.md', 3, 0.6),
    hit('/notes/b.md', 4, 0.1),
  ];
  const host = hostOf({ '/v1/search': { passages, relevance: 'relevant' } });
  const found = await passagesOn(host, 'bees', [own, other], [own], signal);
  expect(found.map(({ hit, page }) => [hit.path, page?.url ?? null])).toEqual([
    [other.path, 'https://b.test/'],
    ['/notes/a.md', null],
  ]);
  const nothing = hostOf({ '/v1/search': { passages, relevance: 'nothing-relevant' } });
  expect(await passagesOn(nothing, 'bees', [], [], signal)).toEqual([]);
});

it('answers that say most of what is looked for come first', async () => {
  const turn = (session: string, asked_at: number): FoundTurn =>
    ({ session, title: session, turn: session, excerpt: '', asked_at }) as FoundTurn;
  const host = hostOf({
    'hive orch': { turns: [turn('new', 9), turn('old', 1)] },
    'hive queen': { turns: [turn('old', 1)] },
    'orch queen': { turns: [] },
  });
  const sets = [
    ['hive', 'orch'],
    ['hive', 'queen'],
    ['orch', 'queen'],
  ];
  expect((await answersWith(host, sets, signal)).map(({ session }) => session)).toEqual(['old', 'new']);
  expect(await answersWith(host, [], signal)).toEqual([]);
});

it('whether a page has changed is not told before the host has read what was saved', async () => {
  const page = saved('https://a.test/x');
  expect(await changeSince(hostOf({ '/v1/documents': { documents: [] } }), page, () => 'x', signal)).toBeUndefined();
  const empty = hostOf({ '/v1/documents': { documents: [{ id: 1 }] }, '/v1/documents/{id}': { passages: [] } });
  expect(await changeSince(empty, page, () => 'x', signal)).toBeUndefined();
  const read = hostOf({
    '/v1/documents': { documents: [{ id: 1 }] },
    '/v1/documents/{id}': { passages: [{ breadcrumb: [], text: 'Bees hum.' }] },
  });
  expect(await changeSince(read, page, () => 'Bees hum.', signal)).toBeNull();
  expect(await changeSince(read, page, () => 'Bees sting.', signal)).toMatchObject({ added: ['Bees sting.'] });
});
