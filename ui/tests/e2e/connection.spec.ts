import { ask, expect, expectAccessible, test, watch } from './harness/test';

test('a host that is killed and started again: nothing typed is lost, and the page goes on', async ({
  ambit: page,
  installation,
}) => {
  await ask(page, 'Who services the boiler?');
  const question = page.getByRole('textbox', { name: 'Question' });
  await question.fill('and how often?');
  await installation.host.stop('SIGKILL');
  await expect(page.getByText(/^Ambit does not answer\. What you typed is kept/)).toBeVisible();

  // Asked while it is away, the question comes back to where it was typed.
  await page.keyboard.press('Enter');
  await expect(page.getByText(/^The question was not sent/)).toBeVisible();
  await expect(question).toHaveValue('and how often?');

  await installation.host.start();
  await expect(page.getByText(/^Ambit does not answer\. What you typed is kept/)).toBeHidden();
  await expect(page.getByRole('article')).toContainText('Brandt');
  await question.press('Enter');
  await expect(page.getByRole('article')).toHaveCount(2);
  await expect(page.getByRole('article').last().getByRole('button', { name: 'Copy answer' })).toBeVisible();
});

test('a page without a valid token asks for one, and takes one that is pasted', async ({ page, installation }) => {
  const problems = watch(page, installation.host.address);
  await page.goto(`${installation.host.address}/#token=ambit_wrong`);
  await expect(page.getByRole('heading', { name: 'This page needs a token' })).toBeVisible();
  expect(page.url()).not.toContain('ambit_wrong');
  await page.getByLabel('Token', { exact: true }).fill('ambit_wrong_too');
  await page.getByRole('button', { name: 'Open' }).click();
  await expect(page.getByRole('alert')).toHaveText('Ambit does not know this token.');
  await expectAccessible(page);
  await page.getByLabel('Token', { exact: true }).fill(installation.token);
  await page.getByRole('button', { name: 'Open' }).click();
  await expect(page.getByRole('textbox', { name: 'Question' })).toBeVisible();
  expect(await page.evaluate(() => Object.keys(localStorage).filter((key) => key.includes('token')))).toEqual([]);
  expect(problems).toEqual([]);
});

test('a link opens the page once, and says so the second time', async ({ page, context, installation }) => {
  const link = await installation.host.link();
  const code = new URL(link).hash.slice('#code='.length);
  await page.goto(link);
  await expect(page.getByRole('textbox', { name: 'Question' })).toBeVisible();
  expect(page.url()).not.toContain(code);
  await page.reload();
  await expect(page.getByRole('textbox', { name: 'Question' })).toBeVisible();

  const other = await context.newPage();
  await other.goto(link);
  await expect(other.getByText('The link is no longer valid')).toBeVisible();
  await expect(other.getByText('ambit open')).toBeVisible();
  expect(other.url()).not.toContain(code);
});

test('a link that the host did not answer can be tried again', async ({ page, installation }) => {
  let isThere = false;
  await page.route('**/v1/tokens/exchange', (route) =>
    isThere ? route.fulfill({ json: { token: installation.token } }) : route.abort(),
  );
  await page.goto(`${installation.host.address}/#code=good`);
  await expect(page.getByText('Ambit did not answer when the link was opened.')).toBeVisible();
  await expectAccessible(page);
  isThere = true;
  await page.getByRole('button', { name: 'Try the link again' }).click();
  await expect(page.getByRole('textbox', { name: 'Question' })).toBeVisible();
});

test('a token that is not for asking, and a page that the host does not know, are told why', async ({
  page,
  installation,
}) => {
  const narrow = await installation.host.token('save');
  await page.goto(`${installation.host.address}/#token=${narrow}`);
  await expect(page.getByRole('heading', { name: 'Ambit refuses this page' })).toBeVisible();
  await expect(page.getByRole('alert')).toContainText('This needs the scope');
  await expectAccessible(page);
  await page.getByLabel('Token', { exact: true }).fill(installation.token);
  await page.getByRole('button', { name: 'Open' }).click();
  await expect(page.getByRole('textbox', { name: 'Question' })).toBeVisible();
});
