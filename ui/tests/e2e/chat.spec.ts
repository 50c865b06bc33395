import { ask, expect, test } from './harness/test';
import { SteppingProxy } from './harness/stepping_proxy';

test('a question streams into an answer whose sources open at their place', async ({ ambit: page }) => {
  await ask(page, 'How do I renew a certificate?');
  const answer = page.getByRole('article').last();
  await expect(answer).toContainText('certbot renew');
  await expect(answer).toContainText('Nothing left this machine');
  await answer
    .getByRole('button', { name: /^Source \d+: certificates\.md/ })
    .first()
    .click();
  const source = page.getByRole('complementary', { name: 'Source' });
  await expect(source.getByRole('region', { name: 'Cited passage' }).first()).toBeInViewport();
  await page.keyboard.press('Escape');
  await expect(source).toBeHidden();
});

test('a chat is listed, found again after a reload, renamed and deleted', async ({ ambit: page }) => {
  await ask(page, 'What pressure should the boiler have?');
  await expect(page).toHaveURL(/#\/chat\/./);
  await page.reload();
  await expect(page.getByRole('article')).toContainText('between 1.2 and 1.8 bar');
  const navigation = page.getByRole('navigation', { name: 'Navigation' });
  await navigation.getByRole('button', { name: 'Actions for What pressure' }).click();
  await page.getByRole('menuitem', { name: 'Rename' }).click();
  await page.getByRole('textbox', { name: 'Title' }).fill('The boiler');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1, name: 'The boiler' })).toBeVisible();
  await navigation.getByRole('button', { name: 'Actions for The boiler' }).click();
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  await expect(navigation.getByRole('link', { name: 'The boiler' })).toHaveCount(0);
  await expect(page.getByRole('heading', { level: 1, name: 'New chat' })).toBeVisible();
});

test('a draft outlives a crash of the page, each chat its own', async ({ ambit: page, context, installation }) => {
  await ask(page, 'How often are the databases saved?');
  await page.getByRole('textbox', { name: 'Question' }).fill('and the photos');
  const address = page.url();
  await page.close();
  const again = await context.newPage();
  await again.goto(await installation.host.link());
  await expect(again.getByRole('textbox', { name: 'Question' })).toHaveValue('');
  await again.goto(address);
  await expect(again.getByRole('textbox', { name: 'Question' })).toHaveValue('and the photos');
});

test('two chats work at once, and one types on meanwhile', async ({ ambit: page }) => {
  const question = page.getByRole('textbox', { name: 'Question' });
  await question.fill('When is the flat in Lisbon booked?');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('article')).toHaveCount(1);
  await question.fill('typed meanwhile');
  await expect(page).toHaveURL(/#\/chat\/./);
  await page.getByRole('link', { name: 'New chat' }).click();
  await question.fill('Who services the boiler?');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('article')).toContainText('Brandt');
  await page.getByRole('link', { name: 'When is the flat in Lisbon booked?' }).first().click();
  await expect(page.getByRole('article')).toContainText('from the 9th to the 16th of May');
  await expect(question).toHaveValue('typed meanwhile');
  await question.fill('');
});

test('what nothing is known about is said so', async ({ ambit: page }) => {
  await ask(page, 'zyzzyva quokka xylophone?');
  await expect(page.getByRole('article').last()).toContainText('Nothing relevant found');
});

test('hostile files give no script and no request to elsewhere', async ({ ambit: page }) => {
  await ask(page, 'What does the hostile voucher grant to everyone who clicks?');
  const answer = page.getByRole('article').last();
  await expect(answer).toContainText('everyone who clicks');
  await answer
    .getByRole('button', { name: /^Source \d+/ })
    .first()
    .click();
  await expect(page.getByRole('complementary', { name: 'Source' })).toContainText('voucher');
  expect(await page.evaluate(() => 'hostile' in window)).toBe(false);
  expect(await page.locator('#page img').count()).toBe(0);
  // The fixture fails the test when anything was requested from elsewhere.
});

test('an answer is shown as it comes, and is stopped with what has come', async ({ page, installation }) => {
  const proxy = await SteppingProxy.start(installation.host.address);
  try {
    await page.goto(proxy.behind(await installation.host.link()));
    const question = page.getByRole('textbox', { name: 'Question' });
    await question.fill('How do I renew a certificate, and what is kept of the backups?');
    await page.keyboard.press('Enter');
    const answer = page.getByRole('article').last();
    await expect(answer).toContainText('Searching your files');
    proxy.goOnTo('recalled');
    await expect(answer).toContainText('Writing');
    proxy.goOnTo('text');
    await expect(answer).toContainText('No language model is loaded');
    await question.fill('meanwhile');
    await page.getByRole('button', { name: 'Stop' }).click();
    await expect(answer).toContainText('Stopped');
    await expect(answer).toContainText('No language model is loaded');
    await expect(question).toHaveValue('meanwhile');
  } finally {
    proxy.stop();
  }
});
