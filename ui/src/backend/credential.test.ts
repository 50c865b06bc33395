import { expect, test } from 'vitest';
import { credentialIn } from './credential';

test('an address holds a token, a code, or a mere route', () => {
  expect(credentialIn('#token=ambit_1')).toEqual({ kind: 'token', token: 'ambit_1' });
  expect(credentialIn('#code=abc')).toEqual({ kind: 'code', code: 'abc' });
  expect(credentialIn('#/chat')).toBeNull();
  expect(credentialIn('')).toBeNull();
});
