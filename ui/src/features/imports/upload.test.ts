import { expect, test } from 'vitest';
import { Host } from '../../backend/host';
import type { Backend, HostRequest } from '../../backend/backend';
import { base64, PIECE, upload } from './upload';

/** A host that takes what it is sent, until it breaks off. */
function taking(breaksAt = Infinity): { host: Host; asked: string[]; bytes: () => Uint8Array } {
  const asked: string[] = [];
  let taken = '';
  const backend = {
    request: (request: HostRequest) => {
      asked.push(`${request.method} ${request.path}`);
      const piece = request.body as { at: number; data: string } | undefined;
      if (piece && piece.at >= breaksAt) return Promise.reject(new Error('full'));
      if (piece) taken += atob(piece.data);
      return Promise.resolve({ id: 'u', size: taken.length });
    },
  };
  const bytes = (): Uint8Array => Uint8Array.from(taken, (letter) => letter.charCodeAt(0));
  return { host: new Host(backend as unknown as Backend), asked, bytes };
}

const file = new Uint8Array(PIECE + 3).map((_, at) => at % 251);

test('a file comes piece by piece, as it is', async () => {
  const { host, asked, bytes } = taking();
  const told: number[] = [];
  const id = await upload(host, new Blob([file]), (size) => told.push(size), new AbortController().signal);
  expect(id).toBe('u');
  expect(asked).toEqual(['POST /v1/uploads', 'POST /v1/uploads/u', 'POST /v1/uploads/u']);
  expect(told).toEqual([PIECE, PIECE + 3]);
  // Compared as one text: half a million numbers one by one take seconds.
  expect(bytes().join() === file.join()).toBe(true);
});

test('a file that is too large is not begun', async () => {
  const { host, asked } = taking();
  const large = { size: 4 * 1024 ** 3 + 1 } as Blob;
  const sent = upload(host, large, () => undefined, new AbortController().signal);
  await expect(sent).rejects.toThrow('larger than 4 GB');
  expect(asked).toEqual([]);
});

test('what breaks off is taken back', async () => {
  const { host, asked } = taking(PIECE);
  const sent = upload(host, new Blob([file]), () => undefined, new AbortController().signal);
  await expect(sent).rejects.toThrow('full');
  expect(asked.at(-1)).toBe('DELETE /v1/uploads/u');
});

test('what a person stops is taken back', async () => {
  const { host, asked } = taking();
  const abort = new AbortController();
  const sent = upload(host, new Blob([file]), () => abort.abort(), abort.signal);
  await expect(sent).rejects.toThrow();
  expect(asked.at(-1)).toBe('DELETE /v1/uploads/u');
});

test('bytes become base64', () => {
  expect(base64(new Uint8Array())).toBe('');
  expect(base64(new Uint8Array([0, 255, 16]))).toBe('AP8Q');
});
