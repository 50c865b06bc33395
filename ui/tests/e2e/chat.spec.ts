import { ask, beginChat, expect, expectAccessible, test } from './harness/test';
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

test('a question is put in other words, and what was there before comes back', async ({ ambit: page }) => {
  await ask(page, 'What pressure should the boiler have?');
  const asked = page.url();
  await ask(page, 'Who services the boiler?');
  const articles = page.getByRole('article');
  await articles.first().getByRole('button', { name: 'Edit question' }).click();
  const editor = page.getByRole('textbox', { name: 'Edit question' });
  await expect(editor).toBeFocused();
  await editor.fill('How often are the databases saved?');
  await expectAccessible(page);
  await page.keyboard.press('Escape');
  await expect(editor).toHaveCount(0);
  await articles.first().getByRole('button', { name: 'Edit question' }).click();
  await editor.fill('How often are the databases saved?');
  await page.keyboard.press('Enter');
  await expect(articles).toHaveCount(1);
  await expect(articles).toContainText('How often are the databases saved?');
  await expect(page.getByRole('button', { name: 'Bring back what was here before' })).toBeVisible();
  await page.reload();
  await page.getByRole('button', { name: 'Bring back what was here before' }).click();
  await expect(articles).toHaveCount(2);
  await expect(articles.first()).toContainText('between 1.2 and 1.8 bar');
  await expect(page).toHaveURL(asked);
});

test('a chat goes on in a new one, and what is pinned stands first', async ({ ambit: page }) => {
  await ask(page, 'What pressure should the boiler have?');
  const first = page.url();
  await ask(page, 'Who services the boiler?');
  await page.getByRole('article').first().getByRole('button', { name: 'Go on in a new chat' }).click();
  await expect(page).not.toHaveURL(first);
  await expect(page.getByRole('article')).toHaveCount(1);
  await beginChat(page);
  await ask(page, 'When is the flat in Lisbon booked?');
  const navigation = page.getByRole('navigation', { name: 'Navigation' });
  const chats = navigation.getByRole('listitem').filter({ has: page.getByRole('button', { name: /^Actions for/ }) });
  await expect(chats.first()).toContainText('Lisbon');
  await navigation.getByRole('button', { name: 'Actions for What pressure' }).first().click();
  await page.getByRole('menuitem', { name: 'Pin' }).click();
  await expect(chats.first()).toContainText('What pressure');
  await expect(chats.first().getByRole('img', { name: 'pinned' })).toBeVisible();
  await navigation.getByRole('button', { name: 'Actions for What pressure' }).first().click();
  await page.getByRole('menuitem', { name: 'Unpin' }).click();
  await expect(chats.first()).toContainText('Lisbon');
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
  await beginChat(page);
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
    // Until it is stopped, nothing else is asked.
    await expect(page.getByRole('button', { name: 'Send' })).toHaveCount(0);
    await page.getByRole('button', { name: 'Stop' }).click();
    await expect(answer).toContainText('Stopped');
    await expect(page.getByRole('status').filter({ hasText: 'The answer was stopped.' })).toBeAttached();
    await expect(answer).toContainText('No language model is loaded');
    await expect(question).toHaveValue('meanwhile');
  } finally {
    proxy.stop();
  }
});

test('asking again and asking from the palette leave what is typed', async ({ page, installation }) => {
  const proxy = await SteppingProxy.start(installation.host.address);
  try {
    await page.goto(proxy.behind(await installation.host.link()));
    proxy.goOnTo('finished');
    await ask(page, 'Who services the boiler?');
    const question = page.getByRole('textbox', { name: 'Question' });
    await question.fill('half a thought');
    await page.getByRole('button', { name: 'Ask again' }).click();
    // In the place of the answer that was there; one at a time.
    proxy.goOnTo('started');
    await expect(page.getByRole('button', { name: 'Ask again' })).toHaveCount(0);
    proxy.goOnTo('finished');
    await expect(page.getByRole('button', { name: 'Ask again' })).toBeEnabled();
    await expect(page.getByRole('article')).toHaveCount(1);
    await expect(question).toHaveValue('half a thought');

    await beginChat(page);
    await question.fill('another half');
    await page.keyboard.press('Control+k');
    await page.keyboard.type('When is the flat in Lisbon booked?');
    proxy.goOnTo('finished');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('article')).toContainText('from the 9th to the 16th of May');
    await expect(question).toHaveValue('another half');
    await question.fill('');
  } finally {
    proxy.stop();
  }
});

test('two questions of the palette, one right after the other, are two chats', async ({ page, installation }) => {
  const proxy = await SteppingProxy.start(installation.host.address);
  try {
    await page.goto(proxy.behind(await installation.host.link()));
    await expect(page.getByRole('textbox', { name: 'Question' })).toBeVisible();
    for (const words of ['Who services the boiler at home?', 'Where is the flat in Lisbon?']) {
      await page.keyboard.press('Control+k');
      await page.keyboard.type(words);
      await page.keyboard.press('Enter');
    }
    await expect(page.getByRole('article')).toHaveCount(1);
    await expect(page.getByRole('article')).toContainText('Where is the flat in Lisbon?');
    proxy.goOn();
    await expect(page.getByRole('heading', { level: 1, name: 'Where is the flat in Lisbon?' })).toBeVisible();
    await expect(page.getByRole('article')).toContainText('9th');
    const navigation = page.getByRole('navigation', { name: 'Navigation' });
    await navigation.getByRole('link', { name: 'Who services the boiler at home?' }).click();
    await expect(page.getByRole('article')).toHaveCount(1);
    await expect(page.getByRole('article')).toContainText('Brandt');
  } finally {
    proxy.stop();
  }
});

test('an answer that another window waits for locks nothing, and comes when it has ended', async ({ ambit: page }) => {
  const turn = { id: 't', session: 'elsewhere', question: 'How deep?', status: 'running', asked_at: 1 };
  const answer = { text: 'Two metres.', origin: { kind: 'extractive' }, citations: [], memories: [], bytes_sent: 0 };
  const session = { id: 'elsewhere', title: 'How deep?', surface: 'cli', created_at: 1, updated_at: 1 };
  let turns: object[] = [turn];
  await page.route('**/v1/sessions/elsewhere', (route) => route.fulfill({ json: { session, turns } }));
  await page.evaluate(() => (location.hash = '#/chat/elsewhere'));
  await expect(page.getByRole('article')).toContainText('Being answered in another window or program');
  await page.getByRole('textbox', { name: 'Question' }).fill('and now?');
  await expect(page.getByRole('button', { name: 'Send' })).toBeEnabled();
  turns = [{ ...turn, status: 'finished', answer }];
  await expect(page.getByRole('article')).toContainText('Two metres.');
  await page.getByRole('textbox', { name: 'Question' }).fill('');
});

test('a chat that goes while it is answered elsewhere is not asked for for ever', async ({ ambit: page }) => {
  const session = { id: 'gone', title: 'How deep?', surface: 'cli', created_at: 1, updated_at: 1 };
  const turn = { id: 't', session: 'gone', question: 'How deep?', status: 'running', asked_at: 1 };
  const problem = { type: '', title: '', status: 404, code: 'not-found', detail: 'there is no such session' };
  let asked = 0;
  await page.route('**/v1/sessions/gone', (route) => {
    asked += 1;
    return route.fulfill(asked === 1 ? { json: { session, turns: [turn] } } : { status: 404, json: problem });
  });
  await page.evaluate(() => (location.hash = '#/chat/gone'));
  await expect(page.getByText('There is no such session')).toBeVisible();
  // Longer than it takes to ask once more.
  await page.waitForTimeout(3_000);
  expect(asked).toBe(2);
});

test('a chat that cannot be loaded is not exported as an empty file', async ({ ambit: page }) => {
  await ask(page, 'Who services the boiler in October?');
  await beginChat(page);
  await page.reload();
  let isAsked = 0;
  await page.route('**/v1/sessions/*', (route) => ((isAsked += 1), route.abort()));
  let saved = 0;
  page.on('download', () => (saved += 1));
  const navigation = page.getByRole('navigation', { name: 'Navigation' });
  await navigation.getByRole('button', { name: 'Actions for Who services the boiler in October?' }).click();
  await page.getByRole('menuitem', { name: 'Export as Markdown' }).click();
  await expect(page.getByText('Ambit does not answer', { exact: true })).toBeVisible();
  expect([isAsked, saved]).toEqual([1, 0]);
});

test('a chat that is deleted while it is in sight is asked for once at most', async ({ ambit: page }) => {
  await ask(page, 'Is the port for the challenge open?');
  const asked: string[] = [];
  page.on('request', (request) => {
    if (/\/v1\/sessions\/[^?]/.test(request.url())) asked.push(request.method());
  });
  await page.reload();
  await expect(page.getByRole('article')).toBeVisible();
  await page
    .getByRole('main')
    .getByRole('button', { name: /^Actions for/ })
    .click();
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'New chat' })).toBeVisible();
  await page.waitForLoadState('networkidle');
  expect(asked).toEqual(['GET', 'DELETE']);
});

test('more than a hundred chats: the filter finds the older ones, and more come once', async ({ ambit: page }) => {
  const sessions = Array.from({ length: 230 }, (_, number) => ({
    id: `many-${number}`,
    title: `Chat number ${number}`,
    surface: 'desktop',
    created_at: 1000 - number,
    updated_at: 1000 - number,
  }));
  await page.route(/\/v1\/sessions\?/, (route) => {
    const after = new URL(route.request().url()).searchParams.get('after');
    const begin = after === null ? 0 : Number(after);
    const end = begin + 100;
    return route.fulfill({
      json: { sessions: sessions.slice(begin, end), next: end < sessions.length ? String(end) : null },
    });
  });
  await page.reload();
  const navigation = page.getByRole('navigation', { name: 'Navigation' });
  const links = navigation.getByRole('link', { name: /^Chat number/ });
  await expect(links).toHaveCount(100);
  await navigation.getByRole('button', { name: 'Show more' }).dblclick();
  await expect(links).toHaveCount(200);
  await navigation.getByRole('searchbox', { name: 'Filter chats' }).fill('number 229');
  await expect(links).toHaveText(['Chat number 229']);
});
