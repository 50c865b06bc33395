import { beforeEach, describe, expect, test } from 'vitest';
import type { Backend, HostRequest } from './backend';
import { admit, credentialIn, keptToken } from './credential';

class Scripted implements Backend {
  asked: HostRequest[] = [];
  constructor(private readonly answer: unknown) {}
  request(request: HostRequest): Promise<unknown> {
    this.asked.push(request);
    return Promise.resolve(this.answer);
  }
  async *stream(): AsyncGenerator<unknown> {
    throw new Error('nothing streams here');
  }
}

beforeEach(() => {
  keptToken.clear();
  history.replaceState(null, '', '/');
});

describe('credentialIn', () => {
  test('knows a token, a code, and a mere route', () => {
    expect(credentialIn('#token=ambit_1')).toEqual({ kind: 'token', token: 'ambit_1' });
    expect(credentialIn('#code=abc')).toEqual({ kind: 'code', code: 'abc' });
    expect(credentialIn('#/chat')).toBeNull();
    expect(credentialIn('')).toBeNull();
  });
});

describe('admit', () => {
  test('keeps a token and takes it out of the address', async () => {
    location.hash = '#token=ambit_1';
    await admit(new Scripted(undefined));
    expect(keptToken.get()).toBe('ambit_1');
    expect(location.href).not.toContain('ambit_1');
  });

  test('exchanges a code', async () => {
    location.hash = '#code=abc';
    const backend = new Scripted({ token: 'ambit_2' });
    await admit(backend);
    expect(backend.asked).toEqual([{ method: 'POST', path: '/v1/tokens/exchange', body: { code: 'abc' } }]);
    expect(keptToken.get()).toBe('ambit_2');
    expect(location.href).not.toContain('abc');
  });

  test('takes a code out of the address even if the host gives no token for it', async () => {
    location.hash = '#code=abc';
    await expect(admit(new Scripted({}))).rejects.toThrow('no token');
    expect(keptToken.get()).toBeNull();
    expect(location.href).not.toContain('abc');
  });
});
