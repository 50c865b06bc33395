// What goes on while nobody looks: an answer outlives the page that asked for it.
import { ModelServer, MODEL } from './harness/model_server';
import { expect, test } from './harness/test';

let server: ModelServer;

test.beforeAll(async ({ installation: { host } }) => {
  server = await ModelServer.start();
  await host.run(...server.arguments);
  await host.run('providers', 'consent', 'cloud');
  await host.run('providers', 'allow', 'cloud', `${host.documents}/Travel`);
  await host.run('settings', 'set', 'models.language', MODEL);
});

test.afterAll(async ({ installation: { host } }) => {
  await host.run('settings', 'unset', 'models.language');
  await host.run('providers', 'remove', 'cloud');
  server.stop();
});

/** Has answers wait after their first words; gives what lets them go on. */
function hold(): () => void {
  let release: () => void = () => undefined;
  server.held = new Promise((resolve) => (release = resolve));
  return release;
}

test('a page that is loaded anew tells the answer from its beginning, and to its end', async ({ ambit: page }) => {
  const release = hold();
  await page.getByRole('textbox', { name: 'Question' }).fill('When is the flat in Lisbon booked?');
  await page.keyboard.press('Enter');
  const answer = page.getByRole('article').last();
  await expect(answer).toContainText('The note says');
  await page.reload();
  await expect(answer).toContainText('The note says');
  await expect(page.getByRole('button', { name: 'Stop' })).toBeVisible();
  release();
  await expect(answer.getByRole('button', { name: 'Copy answer' })).toBeVisible();
  await expect(answer).toContainText('so');
  expect(server.givenUp).toBe(0);
});

test('an answer is stopped by a page that did not ask', async ({ ambit: page, context, installation: { host } }) => {
  hold();
  await page.getByRole('textbox', { name: 'Question' }).fill('When is the flat in Lisbon booked?');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('article').last()).toContainText('The note says');
  const other = await context.newPage();
  await other.goto(await host.link());
  await expect(other.getByRole('textbox', { name: 'Question' })).toBeVisible();
  await other.goto(page.url());
  await expect(other.getByRole('article').last()).toContainText('The note says');
  await other.getByRole('button', { name: 'Stop' }).click();
  for (const one of [other, page]) await expect(one.getByRole('article').last()).toContainText('Stopped');
  await expect.poll(() => server.givenUp).toBe(1);
});
