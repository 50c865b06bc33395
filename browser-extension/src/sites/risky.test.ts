import { expect, it } from 'vitest';
import { isRisky } from './risky';

it('sites for money, health and mail are known by their names', () => {
  for (const address of [
    'https://mail.google.com/mail/u/0',
    'https://webmail.example.org/',
    'https://www.paypal.com/activity',
    'https://paypal.com./',
    'https://meine.deutsche-bank.de/',
    'https://www.sparkasse-musterstadt.de/',
    'https://banking.example.com/',
    'https://patient-portal.example.com/',
    'https://www.stadtklinik.example/',
    'https://www.elster.de/',
  ])
    expect(isRisky(new URL(address)), address).toBe(true);
});

it('others are not', () => {
  for (const address of [
    'https://en.wikipedia.org/wiki/Bank',
    'https://www.example.com/banking-crisis',
    'https://news.example.org/health/2026',
    'https://github.com/example/mail',
    'https://riverbanks.example.com/',
    'http://127.0.0.1:8080/bank',
  ])
    expect(isRisky(new URL(address)), address).toBe(false);
});
