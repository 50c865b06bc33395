import { beforeEach, describe, expect, test } from 'vitest';
import { Admission, takeCredential } from './admission.svelte';
import { HostError, type Backend, type HostRequest } from './backend';
import { keptToken } from './credential';

class Scripted implements Backend {
  asked: HostRequest[] = [];
  constructor(public answer: unknown) {}
  request(request: HostRequest): Promise<unknown> {
    this.asked.push(request);
    return this.answer instanceof Error ? Promise.reject(this.answer) : Promise.resolve(this.answer);
  }
  async *stream(): AsyncGenerator<unknown> {
    throw new Error('nothing streams here');
  }
}

beforeEach(() => {
  keptToken.clear();
  history.replaceState(null, '', '/');
});

async function admitted(backend: Backend, fragment: string): Promise<Admission> {
  location.hash = fragment;
  const admission = new Admission(backend, takeCredential());
  await admission.exchange();
  return admission;
}

describe('admission', () => {
  test('keeps a token and takes it out of the address', async () => {
    const admission = await admitted(new Scripted(undefined), '#token=ambit_1');
    expect([keptToken.get(), admission.failure]).toEqual(['ambit_1', null]);
    expect(location.href).not.toContain('ambit_1');
  });

  test('exchanges a code, and does not wait for ever', async () => {
    const backend = new Scripted({ token: 'ambit_2' });
    await admitted(backend, '#code=abc');
    expect(backend.asked).toMatchObject([{ method: 'POST', path: '/v1/tokens/exchange', body: { code: 'abc' } }]);
    expect(backend.asked[0]?.signal).toBeInstanceOf(AbortSignal);
    expect(keptToken.get()).toBe('ambit_2');
    expect(location.href).not.toContain('abc');
  });

  test('takes a code out of the address even if the host gives no token for it', async () => {
    const admission = await admitted(new Scripted({}), '#code=abc');
    expect(admission.failure).toMatchObject({ message: 'the host gave no token for the code' });
    expect([keptToken.get(), admission.canTryAgain]).toEqual([null, false]);
    expect(location.href).not.toContain('abc');
  });

  test('keeps the code of a host that did not answer, for another attempt', async () => {
    const backend = new Scripted(new HostError('unreachable', 'the host does not answer'));
    const admission = await admitted(backend, '#code=abc');
    expect(admission.canTryAgain).toBe(true);
    backend.answer = { token: 'ambit_3' };
    await admission.exchange();
    expect([keptToken.get(), admission.failure]).toEqual(['ambit_3', null]);
  });

  test('a code that the host refused is not tried again', async () => {
    const admission = await admitted(new Scripted(new HostError('unauthenticated', 'no such code')), '#code=abc');
    expect(admission.canTryAgain).toBe(false);
  });
});
