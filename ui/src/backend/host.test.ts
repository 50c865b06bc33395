import { expect, test } from 'vitest';
import type { HostRequest } from './backend';
import { Host } from './host';

test('a request names its path with escaped values, and leaves out what is absent', async () => {
  const asked: HostRequest[] = [];
  const host = new Host({
    request: (request) => {
      asked.push(request);
      return Promise.resolve({});
    },
    async *stream() {},
  });
  await host.get('/v1/models/{id}', { path: { id: 'owner/name:Q8 0' } });
  await host.get('/v1/index/status', { query: { below: '/a b', state: undefined as never } });
  await host.put('/v1/settings/{key}', { path: { key: 'network.offline' }, body: { value: true } });
  expect(asked.map(({ method, path, body }) => [method, path, body])).toEqual([
    ['GET', '/v1/models/owner%2Fname%3AQ8%200', undefined],
    ['GET', '/v1/index/status?below=%2Fa+b', undefined],
    ['PUT', '/v1/settings/network.offline', { value: true }],
  ]);
});
