import { test as base, type CDPSession, type Page } from '@playwright/test';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type {
  Classified,
  FillEntry,
  FillReport,
  FormField,
  ProfileEntry,
  Proposal,
  UndoReport,
} from '../../src/forms/types';
import { BUILT } from './build';

const PAGES = fileURLToPath(new URL('pages/', import.meta.url));

/** Where the pages of the tests seem to lie. */
export const SITE = 'http://forms.test/';

/** The content script in a page: in a world of its own, as an extension's is. */
export class Forms {
  private constructor(
    readonly page: Page,
    private readonly session: CDPSession,
    private readonly context: number,
  ) {}

  /** Opens a page of the tests and injects the content script. */
  static async open(page: Page, name: string): Promise<Forms> {
    await serve(page);
    await page.goto(SITE + name);
    return Forms.inject(page);
  }

  /** Injects the content script into the page that is open. */
  static async inject(page: Page): Promise<Forms> {
    const session = await page.context().newCDPSession(page);
    const { frameTree } = await session.send('Page.getFrameTree');
    const { executionContextId } = await session.send('Page.createIsolatedWorld', {
      frameId: frameTree.frame.id,
      worldName: 'ambit',
    });
    const forms = new Forms(page, session, executionContextId);
    await forms.evaluate(`${readFileSync(join(BUILT, 'forms.js'), 'utf8')}; globalThis.forms = forms; 0`);
    return forms;
  }

  read(): Promise<FormField[]> {
    return this.evaluate('forms.readFields(document)');
  }

  kinds(fields: readonly FormField[]): Promise<Classified[]> {
    return this.evaluate(`forms.kindsOf(${JSON.stringify(fields)})`);
  }

  propose(fields: readonly FormField[], profile: readonly ProfileEntry[]): Promise<Proposal[]> {
    return this.evaluate(`forms.propose(${JSON.stringify(fields)}, ${JSON.stringify(profile)})`);
  }

  fill(entries: readonly FillEntry[]): Promise<FillReport> {
    return this.evaluate(`forms.fill(${JSON.stringify(entries)})`);
  }

  undo(): Promise<UndoReport> {
    return this.evaluate('forms.undo()');
  }

  /** Fills fields that are named by their labels. */
  async fillLabelled(fields: readonly FormField[], values: Record<string, string>): Promise<FillReport> {
    return this.fill(Object.entries(values).map(([label, value]) => ({ id: labelled(fields, label).id, value })));
  }

  /** Runs a script in the world of the content script; its promise is awaited. */
  async evaluate<T>(expression: string): Promise<T> {
    const { result, exceptionDetails } = await this.session.send('Runtime.evaluate', {
      contextId: this.context,
      expression,
      awaitPromise: true,
      returnByValue: true,
    });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value as T;
  }
}

/** The field of that label; fails when there is none or several. */
export function labelled(fields: readonly FormField[], label: string): FormField {
  const found = fields.filter((field) => field.label === label);
  if (found.length !== 1) throw new Error(`${found.length} fields are called ${label}`);
  return found[0] as FormField;
}

/** Entries that fill in everything that is proposed and sole. */
export function soleValues(proposals: readonly Proposal[]): FillEntry[] {
  return proposals.flatMap(({ field, candidates: [first, ...others] }) =>
    first && others.length === 0 ? [{ id: field, value: first.value }] : [],
  );
}

/** Answers what the page asks for with the files of the tests; nothing goes to the network. */
export async function serve(page: Page): Promise<void> {
  await page.route('**/*', async (route) => {
    const name = new URL(route.request().url()).pathname.slice(1);
    const place = [join(PAGES, name), join(BUILT, name)].find((file) => name !== '' && existsSync(file));
    if (!place) return route.fulfill({ status: 200, contentType: 'text/html', body: '<title>Elsewhere</title>' });
    return route.fulfill({ path: place });
  });
}

/** A test that can open a page of the tests with the content script in it. */
export const test = base.extend<{ open: (name: string) => Promise<Forms> }>({
  open: async ({ page }, use) => {
    await use((name) => Forms.open(page, name));
  },
});

export { expect } from '@playwright/test';
