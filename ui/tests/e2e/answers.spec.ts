// How the answer of a model is shown. No model of the tests writes anything of use, so the answer is put into a stored chat.
import type { Turn } from '../../src/backend/types';
import { expect, expectAccessible, expectFits, test } from './harness/test';

const TEXT = `# Renewal

To renew, run **certbot** with \`--force-renewal\` [1], not as [9] has it. The rate is $E = mc^2$.

$$\\sum_{i=1}^{n} i = \\frac{n(n+1)}{2}$$

$$x \\tag{1} \\label{question}$$

See $\\ref{abc} x$.

\`\`\`python
def renew(name: str, days: int = 30) -> bool:
    """Renews a certificate."""
    return subprocess.run(["certbot", "renew", "--cert-name", name, "--days", str(days)]).returncode == 0  # zero is good
\`\`\`

| what | when | kept |
|---|:-:|--:|
| photos | nightly | 90 |

<script>window.hostile = true</script>
<img src="https://hostile.example/a.png" onerror="window.hostile = true">

![a picture](https://hostile.example/b.png) and [a trap](javascript:window.hostile=true)
`;

const turn: Turn = {
  id: 't',
  session: 'stored',
  question: 'How do I renew?',
  status: 'finished',
  answer: {
    text: TEXT,
    origin: { kind: 'model', model: 'qwen' },
    citations: [
      {
        number: 1,
        passage: 1,
        document: 1,
        path: '/home/ada/Documents/certificates.md',
        title: 'Certificates',
        breadcrumb: [],
        anchor: null,
        span: { unit: 'lines', start: 3, end: 9 },
        hash: 'x',
        scores: { dense: null, keyword: null, graph: null, fused: 0, rerank: 0 },
      },
    ],
    memories: [],
    embedder: null,
    bytes_sent: 1200,
  },
  failure: null,
  asked_at: 1,
  ended_at: 2,
};

test('a written answer has its parts, its sources, and nothing that runs or loads', async ({ ambit: page }) => {
  const session = { id: 'stored', title: 'Certificates', surface: 'desktop', created_at: 1, updated_at: 1 };
  await page.route('**/v1/sessions/stored', (route) => route.fulfill({ json: { session, turns: [turn] } }));
  await page.evaluate(() => (location.hash = '#/chat/stored'));
  const answer = page.getByRole('article');
  await expect(answer.locator('math')).toHaveCount(4);
  await expect(page.locator('#question'), 'a label takes no name of the page').toHaveCount(1);
  await expect(answer.locator('.hljs-keyword').first()).toHaveText('def');
  await expect(answer.getByRole('button', { name: 'Source 1: certificates.md, Lines 3–9' })).toBeVisible();
  await expect(answer).toContainText('not as [9] has it');
  await expect(answer).toContainText('1.2 kB left this machine');
  await expect(answer).toContainText('<script>window.hostile = true</script>');
  await expect(answer.locator('img, script')).toHaveCount(0);
  expect(await answer.getByRole('link').evaluateAll((links) => links.map((link) => link.getAttribute('href')))).toEqual(
    ['https://hostile.example/b.png'],
  );
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await expectAccessible(page);
  }
  await answer.getByRole('button', { name: 'Copy', exact: true }).click();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toMatch(/^def renew/);
  await page.setViewportSize({ width: 360, height: 640 });
  await expectFits(page);
  expect(await page.evaluate(() => 'hostile' in window)).toBe(false);
});

test('a chat of 2,000 answers opens at its end, and what one reads stays where it is', async ({ ambit: page }) => {
  const session = { id: 'long', title: 'Long', surface: 'desktop', created_at: 1, updated_at: 1 };
  const turns = Array.from({ length: 2000 }, (_, index) => ({
    ...turn,
    id: `t${index}`,
    question: `Question ${index}`,
  }));
  await page.route('**/v1/sessions/long', (route) => route.fulfill({ json: { session, turns } }));
  await page.evaluate(() => (location.hash = '#/chat/long'));
  const question = (number: number) => page.getByText(`Question ${number}`, { exact: true });
  await expect(question(1999)).toBeInViewport();
  expect(await page.getByRole('article').count(), 'few turns stand in the page').toBeLessThan(20);

  // A question that is being put in other words waits where it was.
  await page.getByRole('button', { name: 'Edit question' }).last().click();
  await page.keyboard.type(' and why?');
  await page.mouse.move(640, 300);
  await page.mouse.wheel(0, -6000);
  await expect(question(1999)).toHaveCount(0);

  // What is read stays in its place while other turns are drawn above and below it.
  await page.waitForTimeout(500);
  const read = page.getByRole('article').nth(1);
  const name = await read.locator('p').first().textContent();
  const before = await read.boundingBox();
  await page.mouse.wheel(0, -300);
  await page.waitForTimeout(500);
  const after = await page
    .getByRole('article')
    .filter({ hasText: name ?? '' })
    .first()
    .boundingBox();
  expect(Math.abs((after?.y ?? 0) - (before?.y ?? 0) - 300)).toBeLessThan(2);

  const scroller = page.locator('.turns');
  await scroller.evaluate((element) => element.scrollTo({ top: 0 }));
  await expect(question(0)).toBeInViewport();
  expect(await page.getByRole('article').count()).toBeLessThan(20);
  // Keys scroll on when what had the focus has gone.
  await expect(scroller).toBeFocused();
  await page.keyboard.press('End');
  await expect(page.getByRole('textbox', { name: 'Edit question' })).toHaveValue('Question 1999 and why?');
});
