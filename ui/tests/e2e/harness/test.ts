import { AxeBuilder } from '@axe-core/playwright';
import { test as base, expect, type Page } from '@playwright/test';
import { AmbitHost } from './host';

export { expect };

interface Installation {
  host: AmbitHost;
  /** For what the tests ask of the host themselves, and paste. */
  token: string;
}

interface Fixtures {
  /** A page that is open and connected, and fails its test when the page logs an error or its policy was broken. */
  ambit: Page;
}

interface WorkerFixtures {
  /** A host with the sample files indexed. */
  installation: Installation;
}

export const test = base.extend<Fixtures, WorkerFixtures>({
  installation: [
    async ({}, use) => {
      const host = await AmbitHost.create();
      await host.start();
      await host.run('index', 'add', host.documents, '--wait');
      await use({ host, token: await host.token('read', 'chat', 'save', 'manage') });
      await host.remove();
    },
    { scope: 'worker', timeout: 300_000 },
  ],
  ambit: async ({ page, installation }, use) => {
    const { host } = installation;
    const problems = watch(page, host.address);
    await page.goto(await host.link());
    await expect(page.getByRole('textbox', { name: 'Question' })).toBeVisible();
    await use(page);
    expect(problems, 'errors that the page logged, and requests to elsewhere').toEqual([]);
  },
});

/** Notes errors of the page, and every request that does not go to its own origin. */
export function watch(page: Page, origin: string): string[] {
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(String(error)));
  page.on('console', (message) => {
    // That the network failed is what some tests are about.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      problems.push(message.text());
  });
  page.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(origin) && !url.startsWith('blob:')) problems.push(`request to ${url}`);
  });
  return problems;
}

/** Fails when axe finds anything against WCAG 2.2 AA or its own good practice. */
export async function expectAccessible(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
    .analyze();
  const told = violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map((node) => `${node.html} (${node.failureSummary})`).join('; ')}`,
  );
  // All of a page are told at once.
  expect.soft(told, 'violations that axe found').toEqual([]);
}

/** Fails when anything but what is made for it must be scrolled sideways, or stands out at a side. */
export async function expectFits(page: Page): Promise<void> {
  const told = await page.evaluate(() => {
    const name = (element: Element): string => element.outerHTML.slice(0, 120);
    const width = document.documentElement.clientWidth;
    const scrolled = [document.documentElement, ...document.querySelectorAll('main, .page, .turns, aside .body, nav')]
      .filter((element) => element.scrollWidth > element.clientWidth)
      .map((element) => `scrolls by ${element.scrollWidth - element.clientWidth} px: ${name(element)}`);
    // Wide code, tables and formulas scroll by themselves.
    const isWithin = (element: Element): boolean => {
      const { left, right } = element.getBoundingClientRect();
      return (left >= 0 && right <= width + 1) || element.parentElement?.closest('pre, .table, .display') !== null;
    };
    const isSeen = (element: Element): boolean => element.checkVisibility() && !element.closest('.visually-hidden');
    const outside = [...document.querySelectorAll('#page *')]
      .filter((element) => isSeen(element) && !isWithin(element))
      .map((element) => {
        const { left, right } = element.getBoundingClientRect();
        return `stands from ${left} to ${right} of ${width}: ${name(element)}`;
      });
    return [...scrolled, ...outside];
  });
  expect(told, 'what does not fit').toEqual([]);
}

/** Begins a chat, and waits until nothing of the one before is shown. */
export async function beginChat(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'New chat' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'New chat' })).toBeVisible();
  await expect(page.getByRole('article')).toHaveCount(0);
}

/** Asks, and waits for the whole answer. */
export async function ask(page: Page, question: string): Promise<void> {
  const before = await page.getByRole('article').count();
  await page.getByRole('textbox', { name: 'Question' }).fill(question);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('article')).toHaveCount(before + 1);
  await expect(page.getByRole('article').last().getByRole('button', { name: 'Copy answer' })).toBeVisible();
}
