import { describe, expect, test } from 'vitest';
import { WHITE, type Colour } from './colour';
import { canvasOf, groundIn, isSeenOn, isSeenThrough } from './ground';

const BLACK: Colour = { red: 0, green: 0, blue: 0, alpha: 1 };

describe('the ground of a text', () => {
  test('is what is painted last, as far as it covers', () => {
    expect(groundIn([WHITE], 'rgba(0, 0, 0, 0)', 'none', 1)).toEqual([WHITE]);
    expect(groundIn([WHITE], 'rgb(0, 0, 0)', 'none', 1)).toEqual([BLACK]);
    expect(groundIn([WHITE], 'rgba(0, 0, 0, 0.5)', 'none', 1)?.[0]?.red).toBeCloseTo(127.5);
  });

  test('is unknown below a picture, until something covers that', () => {
    const picture = groundIn([WHITE], 'rgba(0, 0, 0, 0)', 'url("x.png")', 1);
    expect([picture, groundIn(picture, 'rgb(0, 0, 0)', 'none', 1)]).toEqual([null, [BLACK]]);
  });

  test('is each colour of a gradient', () => {
    const ground = groundIn([WHITE], 'rgba(0, 0, 0, 0)', 'linear-gradient(rgb(255, 255, 255), rgb(0, 0, 0))', 1);
    expect([isSeenOn(ground, [WHITE], 1), isSeenOn([WHITE], [WHITE], 1)]).toEqual([true, false]);
  });

  test('is dark where the page and the person want it so', () => {
    expect(canvasOf('light dark', false)).toEqual([WHITE]);
    expect(canvasOf('light dark', true)?.[0]?.red).toBeLessThan(50);
  });
});

test.each([
  ['screen', BLACK, false],
  ['lighten', BLACK, false],
  ['multiply', WHITE, false],
  ['darken', WHITE, false],
  ['difference', BLACK, false],
  ['multiply', BLACK, true],
  ['overlay', BLACK, true],
])('by %s a text may vanish', (mode, text, isSeen) => {
  const behind = [WHITE];
  expect(isSeenThrough({ mode, behind }, behind, text, 1)).toBe(isSeen);
});
