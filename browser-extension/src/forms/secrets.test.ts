import { expect, test } from 'vitest';
import { sampleField } from '../../tests/forms/sample';
import { isCard, isSecret } from './secrets';

const secret = (said: Parameters<typeof sampleField>[0], isPaying = false): boolean =>
  isSecret(sampleField(said), isPaying);

test.each([
  'Password',
  'Enter your PIN',
  'Code',
  '6 digit code',
  'Verification code',
  'Security answer',
  "Mother's maiden name",
  'API token',
  'Captcha',
  'Kennwort',
  'Sicherheitsfrage',
  'Mot de passe',
  'Cryptogramme visuel',
  'Contraseña',
  'Fecha de caducidad',
  'Codice di verifica',
  'Senha',
  'Wachtwoord',
  'Hasło',
  'Heslo',
  'Säkerhetskod',
  'Şifre',
  'Doğrulama kodu',
  '暗証番号',
  'カード番号',
  '密码',
  '短信验证码',
])('“%s” is never read', (label) => {
  expect(secret({ label, language: '' })).toBe(true);
});

test.each([
  'Shipping address',
  'Postal code',
  'Promotion code',
  'Spinning class',
  'Country code',
  'Email',
  'Opinion',
  'Tokyo',
])('“%s” is no secret', (label) => {
  expect(secret({ label })).toBe(false);
});

test.each([
  { name: 'cardNumber' },
  { identifier: 'cc-exp-month' },
  { name: 'user[otp]' },
  { name: 'g-recaptcha-response' },
  { placeholder: 'CVV' },
  { autocomplete: ['billing', 'cc-name'] },
  { autocomplete: ['one-time-code'] },
  { autocomplete: ['new-password'] },
  { label: 'Number', heading: 'Credit card' },
])('what the source says counts as well: %o', (said) => {
  expect(secret(said)).toBe(true);
});

test('an account is secret where it is for paying', () => {
  expect(secret({ label: 'IBAN' })).toBe(false);
  expect(secret({ label: 'IBAN' }, true)).toBe(true);
  expect(secret({ label: 'IBAN', heading: 'Payment details' })).toBe(true);
  expect(isCard(sampleField({ label: 'Kartennummer' }))).toBe(true);
});
