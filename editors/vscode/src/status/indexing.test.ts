import { expect, test } from 'vitest';
import { PieceBackend, type Piece } from '../../../../ui/src/backend/pieces';
import { followIndexing, isIndexing } from './indexing';

test('what rests is no work', () => {
  expect(isIndexing({ scanning: false, to_embed: 0 })).toBe(false);
  expect(isIndexing({ scanning: true, to_embed: 0 })).toBe(true);
  expect(isIndexing({ scanning: false, to_embed: 3 })).toBe(true);
  expect(isIndexing({ scanning: false, to_embed: 3, paused: { cause: 'battery' } })).toBe(false);
});

/** A host that tells this, and then what ends it. */
function host(...pieces: Piece[]): PieceBackend {
  return new PieceBackend({ begin: (_, tell) => pieces.forEach(tell), cancel: () => undefined });
}

const working: Piece = { data: { scanning: true, to_embed: 0 } };

test('indexing is over when the host is gone', async () => {
  const failed: Piece = { failed: { code: 'unreachable', detail: '', status: 503, title: '', type: '' } };
  const told: boolean[] = [];
  await followIndexing(host(working, failed), new AbortController().signal, (now) => told.push(now));
  expect(told).toEqual([true, false]);
});

test('who does not want to know any more is told nothing', async () => {
  const abort = new AbortController();
  const told: boolean[] = [];
  const following = followIndexing(host(working), abort.signal, (now) => told.push(now));
  await expect.poll(() => told).toEqual([true]);
  abort.abort();
  await following;
  expect(told).toEqual([true]);
});
