import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test, type Page } from '@playwright/test';
import { Browser } from '../browsers/chromium';
import { Site } from '../browsers/site';
import { timedRead } from '../browsers/timed_read';

/** How often each is done. */
const ROUNDS = { small: 200, large: 40, panels: 9, reads: 5, forms: 9 };

const PORT = 'app.ambit.native_host';

/** A page of about a megabyte of HTML. */
function megabyte(): string {
  const words = 'The keeper of the light wrote down the wind and the water every hour of every night. ';
  const section = (number: number): string =>
    `<section><h2>Entry ${number}</h2><p>${words.repeat(9)}<a href="/log/${number}">See the log</a>.</p>` +
    `<ul><li>Wind: ${number % 12}</li><li>Water: ${number % 7} m</li></ul></section>`;
  const sections = Array.from({ length: 1150 }, (_, number) => section(number)).join('');
  return `<!doctype html><html lang="en"><head><title>The log</title></head><body><main><h1>The log</h1>${sections}</main></body></html>`;
}

/** A form of thirty fields. */
function form(): string {
  const names = [
    'First name',
    'Last name',
    'Email',
    'Telephone',
    'Street',
    'House number',
    'Postcode',
    'City',
    'Company',
    'Job title',
  ];
  const group = (title: string): string =>
    `<fieldset><legend>${title}</legend>${names.map((name) => `<label>${name} <input name="${title}-${name}"></label>`).join('<br>')}</fieldset>`;
  return `<!doctype html><html lang="en"><head><title>Form</title></head><body><form>${['Delivery', 'Invoice', 'Contact'].map(group).join('')}</form></body></html>`;
}

let site: Site;
let browser: Browser;
const measured: Record<string, number[]> = {};

test.beforeAll(async () => {
  site = await Site.start({ '/log': megabyte(), '/form': form() });
  browser = await Browser.start('http://127.0.0.1/*');
});

test.afterAll(async () => {
  await browser.stop();
  await site.stop();
  const file = process.env['AMBIT_MEASURES'];
  if (file !== undefined) writeFileSync(file, JSON.stringify(measured));
});

/** Round trips of an answer of so many characters, in milliseconds: from the panel to the host and back. */
function roundTrips(panel: Page, id: string, times: number): Promise<number[]> {
  return panel.evaluate(
    async ({ port: name, id, times }) => {
      const port = chrome.runtime.connectNative(name);
      port.postMessage({ hello: { protocol: 1, version: '0.1.0' } });
      const path = `/v1/attachments/${id}?content=true`;
      const trip = (number: number): Promise<number> =>
        new Promise((resolve) => {
          const began = performance.now();
          const hear = (message: { id?: string; piece?: { ended?: true } }): void => {
            if (message.id !== `trip-${number}` || message.piece?.ended !== true) return;
            port.onMessage.removeListener(hear);
            resolve(performance.now() - began);
          };
          port.onMessage.addListener(hear);
          port.postMessage({ call: { id: `trip-${number}`, method: 'GET', path, body: null, isStream: false } });
        });
      for (let number = 0; number < 5; number += 1) await trip(number);
      const taken: number[] = [];
      for (let number = 5; number < times + 5; number += 1) taken.push(await trip(number));
      port.disconnect();
      return taken;
    },
    { port: PORT, id, times },
  );
}

/** Hands a file over whose content has so many bytes. */
async function attachment(token: string, bytes: number): Promise<string> {
  const image = Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), Buffer.alloc(bytes, 7)]);
  const response = await fetch(`${browser.host.address}/v1/attachments`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ name: 'measure.png', content: image.toString('base64') }),
  });
  return ((await response.json()) as { id: string }).id;
}

test('round trips, and the memory of the program between', async () => {
  await browser.host.start();
  const token = await browser.host.token('read', 'chat');
  const page = await browser.open(`${site.address}/form`);
  const panel = await browser.panel(page);
  await expect(panel.getByRole('textbox', { name: 'Question' })).toBeVisible();
  measured['round trip 1k'] = await roundTrips(panel, await attachment(token, 700), ROUNDS.small);
  measured['round trip 256k'] = await roundTrips(panel, await attachment(token, 192 * 1024), ROUNDS.large);
  measured['resident MB'] = [residentMegabytes()];
  await panel.close();
});

/** What the programs that the browser started have of memory, the largest of them. */
function residentMegabytes(): number {
  const { execFileSync } = process.getBuiltinModule('node:child_process');
  const found = execFileSync('pgrep', ['-f', `ambit-native-host chrome-extension:`]).toString().trim().split('\n');
  const sizes = found.map((id) => /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${id}/status`, 'utf8'))?.[1] ?? '0');
  return Math.max(...sizes.map(Number)) / 1024;
}

test('from opening the panel until one can type', async () => {
  const page = await browser.open(`${site.address}/form`);
  measured['panel ms'] = [];
  for (let round = 0; round < ROUNDS.panels; round += 1) {
    const panel = await browser.panel(page);
    await panel.getByRole('textbox', { name: 'Question' }).waitFor();
    const ready = (): Promise<number | undefined> =>
      panel.evaluate(() => performance.getEntriesByName('ambit-ready')[0]?.startTime);
    await expect.poll(ready).toBeDefined();
    measured['panel ms'].push((await ready()) ?? NaN);
    await panel.close();
  }
});

test('reading a page of a megabyte, and what the page feels of it', async () => {
  const page = await browser.open(`${site.address}/log`);
  const panel = await browser.panel(page);
  const ask = panel.getByRole('button', { name: 'Ask about this page' });
  await ask.waitFor();
  await page.evaluate(() => {
    const tasks = ((globalThis as { longTasks?: number[] }).longTasks = []) as number[];
    new PerformanceObserver((list) => list.getEntries().forEach(({ duration }) => tasks.push(duration))).observe({
      type: 'longtask',
    });
  });
  measured['extract ms'] = [];
  for (let round = 0; round < ROUNDS.reads; round += 1) {
    measured['extract ms'].push((await timedRead(panel)).took);
  }
  await page.waitForTimeout(300);
  const tasks = await page.evaluate(() => (globalThis as { longTasks?: number[] }).longTasks ?? []);
  measured['long task ms'] = [Math.max(0, ...tasks)];
});

test('from asking for the form until its preview is there', async () => {
  for (const text of ['First name: Ada', 'Last name: Lovelace', 'Email: ada@example.org', 'Postcode: 10115'])
    await browser.host.run('memory', 'add', text);
  const page = await browser.open(`${site.address}/form`);
  const panel = await browser.panel(page);
  await panel.getByRole('button', { name: 'More about this page' }).waitFor();
  measured['form preview ms'] = [];
  for (let round = 0; round < ROUNDS.forms; round += 1) {
    await panel.getByRole('button', { name: 'More about this page' }).click();
    await panel.evaluate(() => {
      const mark = (name: string): void => void performance.mark(name);
      performance.clearMarks('form-asked');
      performance.clearMarks('form-shown');
      addEventListener('click', () => mark('form-asked'), { capture: true, once: true });
      const observer = new MutationObserver(() => {
        const titles = [...document.querySelectorAll('h2')].map(({ textContent }) => textContent);
        if (!titles.includes('Fill in this form')) return;
        observer.disconnect();
        mark('form-shown');
      });
      observer.observe(document.body, { childList: true, subtree: true });
    });
    await panel.getByRole('menuitem', { name: 'Fill in a form…' }).click();
    await panel.getByRole('heading', { name: 'Fill in this form' }).waitFor();
    const times = await panel.evaluate(() =>
      ['form-asked', 'form-shown'].map((name) => performance.getEntriesByName(name)[0]?.startTime ?? NaN),
    );
    measured['form preview ms'].push((times[1] ?? NaN) - (times[0] ?? NaN));
    await panel.getByRole('button', { name: 'Back to the chat' }).click();
  }
});
