import { describe, expect, it } from 'vitest';
import { changeBetween } from './change';

const passage = (text: string, ...breadcrumb: string[]): { breadcrumb: string[]; text: string } => ({
  breadcrumb,
  text,
});

describe('a page is the same', () => {
  it('as what the host keeps of it, without its marks', () => {
    const now =
      '# On bees\n\nThey hum in the *orchard*\\.\n\n| a | b |\n| --- | --- |\n| 1 | 2 |\n\n- one\n- two \\* three\n\n[Link](https://a.test/)\n\n```js\nlet x = 1;\n```\n\n## More\n\nMore about hives.';
    const kept = 'They hum in the orchard.\n\na | b\n1 | 2\n\n- one\n- two * three\n\nLink\n\nlet x = 1;';
    expect(changeBetween(now, [passage(kept, 'On bees'), passage('More about hives.', 'On bees', 'More')])).toBeNull();
  });

  it('where a line begins with a number and is no item of a list', () => {
    expect(changeBetween('1\\. The quay is still.', [passage('1. The quay is still.')])).toBeNull();
  });

  it('however its lines are broken', () => {
    expect(changeBetween('One two three\nfour five six.', [passage('One two\n\nthree four five six')])).toBeNull();
  });
});

describe('a page has changed', () => {
  it('where a line is new or gone, and where one word of it is another', () => {
    const kept = [passage('The bridge is open to all of the traffic of the town.\n\nThe toll is 2 pounds.')];
    expect(
      changeBetween('The bridge is closed to all of the traffic of the town.\n\nThe toll is 2 pounds.', kept),
    ).toEqual({
      added: ['The bridge is closed to all of the traffic of the town.'],
      addedCount: 1,
      goneCount: 1,
    });
    expect(changeBetween('The bridge is open to all of the traffic of the town.', kept)).toEqual({
      added: [],
      addedCount: 0,
      goneCount: 1,
    });
  });

  it('where only a price is another', () => {
    expect(changeBetween('Boots\n\n129', [passage('Boots\n\n119')])).toEqual({
      added: ['129'],
      addedCount: 1,
      goneCount: 1,
    });
  });

  it('and not all of it is told', () => {
    const lines = Array.from({ length: 500 }, (_, at) => `Line number${at} ${'word '.repeat(100)}`);
    const change = changeBetween(lines.join('\n\n'), [passage('Nothing of that')]);
    expect(change?.addedCount).toBe(500);
    expect(change?.added).toHaveLength(20);
    expect(change?.added.every((line) => line.length <= 201)).toBe(true);
  });

  it('and a long one is compared soon', () => {
    const long = Array.from({ length: 40_000 }, (_, at) => `word${at} and some more words in a row`).join('\n');
    expect(changeBetween(long, [passage(long)])).toBeNull();
  }, 30_000);
});
