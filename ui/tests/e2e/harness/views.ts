import { expect, type Page } from '@playwright/test';

/** A view beside the chat. */
export interface KnownView {
  /** As its address has it. */
  view: string;
  heading: string;
  /** Waits until all is there that it shows of the sample installation. */
  ready: (page: Page) => Promise<void>;
}

export const VIEWS: KnownView[] = [
  { view: 'index', heading: 'Index', ready: (page) => expect(page.getByText('is damaged')).toBeVisible() },
  {
    view: 'memory',
    heading: 'Memory',
    ready: (page) => expect(page.getByRole('listitem').filter({ hasText: 'From you' }).first()).toBeVisible(),
  },
  {
    view: 'models',
    heading: 'Models',
    ready: (page) => expect(page.getByRole('heading', { name: 'all-MiniLM-L6-v2' })).toBeVisible(),
  },
  {
    view: 'providers',
    heading: 'Providers',
    ready: (page) => expect(page.getByRole('main').getByRole('heading', { level: 2 }).first()).toBeVisible(),
  },
  {
    view: 'activity',
    heading: 'Activity',
    ready: (page) => expect(page.getByRole('main').getByRole('row').nth(1)).toBeVisible(),
  },
  { view: 'settings', heading: 'Settings', ready: (page) => expect(page.getByText('network.offline')).toBeVisible() },
  {
    view: 'welcome',
    heading: 'Welcome to Ambit',
    ready: (page) => expect(page.getByText('Installed: files are found')).toBeVisible(),
  },
];

/** Goes to a view, and waits for what it shows. */
export async function visit(page: Page, { view, heading, ready }: KnownView): Promise<void> {
  await page.evaluate((where) => (location.hash = `#/${where}`), view);
  await expect(page.getByRole('heading', { level: 1, name: heading })).toBeVisible();
  await ready(page);
}
