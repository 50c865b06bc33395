import { expect, test } from 'vitest';
import { kept, pair, readLink, unpair, type Store } from './pairing';

const CODE = 'ab'.repeat(32);

function memory(): Store & { items: Record<string, unknown> } {
  const items: Record<string, unknown> = {};
  return {
    items,
    get: (key) => Promise.resolve(key in items ? { [key]: items[key] } : {}),
    set: (more) => Promise.resolve(void Object.assign(items, more)),
    remove: (key) => Promise.resolve(void delete items[key]),
  };
}

test('a link of this machine is read, and no other', () => {
  expect(readLink(` http://127.0.0.1:4801/#code=${CODE}\n`)).toEqual({ address: 'http://127.0.0.1:4801', code: CODE });
  expect(readLink(`http://127.0.0.1:4801#code=${CODE}`)?.address).toBe('http://127.0.0.1:4801');
  for (const wrong of [
    '',
    CODE,
    `http://127.0.0.1/#code=${CODE}`,
    `http://127.0.0.1:4801/#code=${CODE.slice(1)}`,
    `https://127.0.0.1:4801/#code=${CODE}`,
    `http://127.0.0.1:4801@evil.example/#code=${CODE}`,
    `http://evil.example:80/#code=${CODE}`,
  ])
    expect(readLink(wrong), wrong).toBeNull();
});

test('a code becomes a token that is kept until one forgets it', async () => {
  const store = memory();
  const asked: string[] = [];
  const answer = (url: unknown, init?: RequestInit): Promise<Response> => {
    asked.push(`${String(url)} ${String(init?.body)}`);
    return Promise.resolve(new Response(JSON.stringify({ token: 'ambit_1', info: {} }), { status: 201 }));
  };
  const link = { address: 'http://127.0.0.1:4801', code: CODE };
  expect(await pair(link, store, answer)).toEqual({ address: link.address, token: 'ambit_1' });
  expect(asked).toEqual([`http://127.0.0.1:4801/v1/tokens/exchange {"code":"${CODE}"}`]);
  expect(await kept(store)).toEqual({ address: link.address, token: 'ambit_1' });
  const pairing = { address: link.address, token: 'ambit_1' };
  const given: string[] = [];
  const take = (url: unknown, init?: RequestInit): Promise<Response> => {
    given.push(`${init?.method} ${String(url)} ${new Headers(init?.headers).get('Authorization')}`);
    return Promise.reject(new TypeError('the host does not answer'));
  };
  expect(await unpair(pairing, store, take)).toBe(false);
  expect(given).toEqual(['DELETE http://127.0.0.1:4801/v1/tokens/own Bearer ambit_1']);
  expect(await kept(store)).toBeNull();
  for (const [status, isOver] of [
    [200, true],
    [401, true],
    [503, false],
  ] as const) {
    const say = (): Promise<Response> => Promise.resolve(new Response('{}', { status }));
    expect(await unpair(pairing, store, say), `${status}`).toBe(isOver);
  }
});

test('a code that does not work changes nothing, and says what to do', async () => {
  const store = memory();
  const problem = { code: 'unauthenticated', detail: 'this code is not valid', hint: 'make a new link' };
  const refuse = (): Promise<Response> => Promise.resolve(new Response(JSON.stringify(problem), { status: 401 }));
  const link = { address: 'http://127.0.0.1:1', code: CODE };
  await expect(pair(link, store, refuse)).rejects.toMatchObject({ code: 'unauthenticated', hint: 'make a new link' });
  const noHost = (): Promise<Response> => Promise.reject(new TypeError('refused'));
  await expect(pair(link, store, noHost)).rejects.toMatchObject({ code: 'unreachable' });
  const nonsense = (): Promise<Response> => Promise.resolve(new Response('<html>', { status: 200 }));
  await expect(pair(link, store, nonsense)).rejects.toMatchObject({ code: 'internal' });
  expect(store.items).toEqual({});
});

test('what somebody else left in the store is no pairing', async () => {
  const store = memory();
  store.items['pairing'] = { address: 7 };
  expect(await kept(store)).toBeNull();
});
