import { describe, expect, test } from 'vitest';
import { Pages, type ListPage } from './pages.svelte';

/** A list of numbers on a host, in pages of two, whose answers come when they are let go. */
class Source {
  asked: (number | null)[] = [];
  private held: (() => void)[] = [];
  isHeld = false;
  constructor(public numbers: number[]) {}

  readonly fetch = async (from: number | null): Promise<ListPage<number, number>> => {
    this.asked.push(from);
    const begin = from === null ? 0 : this.numbers.findIndex((one) => one > from);
    const items = begin < 0 ? [] : this.numbers.slice(begin, begin + 2);
    const last = items.at(-1);
    const hasMore = last !== undefined && last !== this.numbers.at(-1);
    if (this.isHeld) await new Promise<void>((resolve) => this.held.push(resolve));
    return { items, next: hasMore ? last : null };
  };

  release(): void {
    this.isHeld = false;
    this.held.splice(0).forEach((go) => go());
  }
}

function pagesOf(source: Source): Pages<number, number> {
  return new Pages(source.fetch, (one) => one);
}

describe('a list that comes page by page', () => {
  test('asked twice for more, it gets the next page once', async () => {
    const source = new Source([1, 2, 3, 4, 5]);
    const pages = pagesOf(source);
    await pages.load();
    await Promise.all([pages.more(), pages.more()]);
    expect(pages.items).toEqual([1, 2, 3, 4]);
    expect(source.asked).toEqual([null, 2]);
    await pages.all();
    expect([pages.items, pages.hasMore]).toEqual([[1, 2, 3, 4, 5], false]);
  });

  test('what moved onto the next page stands there once', async () => {
    const moved = new Pages<number, number>(
      async (from) => (from === null ? { items: [1, 2], next: 2 } : { items: [2, 3] }),
      (one) => one,
    );
    await moved.load();
    await moved.more();
    expect(moved.items).toEqual([1, 2, 3]);
  });

  test('a page that was asked for before the list was loaded anew is void', async () => {
    const source = new Source([1, 2, 3, 4, 5, 6]);
    const pages = pagesOf(source);
    await pages.load();
    source.isHeld = true;
    const more = pages.more();
    source.isHeld = false;
    source.numbers = [10, 20, 30];
    await pages.load();
    source.release();
    await more;
    expect(pages.items).toEqual([10, 20]);
  });

  test('loaded anew, as much is there as before', async () => {
    const source = new Source([1, 2, 3, 4, 5, 6]);
    const pages = pagesOf(source);
    await pages.load();
    await pages.more();
    source.numbers = [2, 3, 4, 5, 6, 7];
    await pages.load();
    expect(pages.items).toEqual([2, 3, 4, 5]);
    expect(pages.hasMore).toBe(true);
  });

  test('with its first page renewed, the others stay behind it', async () => {
    const source = new Source([1, 2, 3, 4, 5, 6]);
    const pages = pagesOf(source);
    await pages.load();
    await pages.more();
    source.numbers = [0, 1, 2, 3, 4, 5, 6];
    await pages.renew();
    expect(pages.items).toEqual([0, 1, 2, 3, 4]);
    await pages.all();
    expect(pages.items).toEqual([0, 1, 2, 3, 4, 5, 6]);
    source.numbers = [0, 2, 3, 4, 5, 6];
    await pages.renew();
    expect(pages.items, 'what is gone goes').toEqual([0, 2, 3, 4, 5, 6]);
    source.numbers = [0];
    await pages.renew();
    expect([pages.items, pages.hasMore]).toEqual([[0], false]);
  });

  test('a failure leaves what was there', async () => {
    let works = true;
    const pages = new Pages<number, number>(
      () => (works ? Promise.resolve({ items: [1], next: 1 }) : Promise.reject(new Error('gone'))),
      (one) => one,
    );
    await pages.load();
    works = false;
    await pages.load();
    await expect(pages.more()).rejects.toThrow('gone');
    expect([pages.items, (pages.failure as Error).message]).toEqual([[1], 'gone']);
  });
});
