import { describe, expect, test } from 'vitest';
import { colourOf, coloursIn, isDistinct, painted, WHITE } from './colour';

describe('colours', () => {
  test.each([
    ['rgb(255, 0, 0)', [255, 0, 0, 1]],
    ['rgba(0, 0, 0, 0.5)', [0, 0, 0, 0.5]],
    ['color(srgb 1 0.5 0 / 0.25)', [255, 128, 0, 0.25]],
    ['color(srgb-linear 1 1 1)', [255, 255, 255, 1]],
    ['oklch(1 0 0)', [255, 255, 255, 1]],
    ['oklch(0.628 0.2577 29.23)', [255, 0, 0, 1]],
    ['lab(100 0 0)', [255, 255, 255, 1]],
    ['lab(54.29 80.8 69.89)', [255, 0, 0, 1]],
    ['oklab(0 none none / 50%)', [0, 0, 0, 0.5]],
  ])('%s is read', (css, [red, green, blue, alpha]) => {
    const colour = colourOf(css)!;
    expect(Math.abs(colour.red - red!)).toBeLessThan(3);
    expect(Math.abs(colour.green - green!)).toBeLessThan(3);
    expect(Math.abs(colour.blue - blue!)).toBeLessThan(3);
    expect(colour.alpha).toBe(alpha);
  });

  test('what is no colour is none', () => {
    expect(['currentcolor', 'rgb(1, x, 2)', '', 'color(unknown 1 2 3)'].map(colourOf)).toEqual([
      null,
      null,
      null,
      null,
    ]);
  });

  test('nearly white on white cannot be seen, grey can', () => {
    const [nearly, grey] = [colourOf('rgb(240, 240, 240)')!, colourOf('rgb(153, 153, 153)')!];
    expect([isDistinct(nearly, WHITE), isDistinct(grey, WHITE)]).toEqual([false, true]);
  });

  test('black that covers little cannot be seen', () => {
    const black = colourOf('rgba(0, 0, 0, 0.1)')!;
    expect(isDistinct(painted(black, WHITE), WHITE)).toBe(false);
    expect(isDistinct(painted({ ...black, alpha: 1 }, WHITE, 0.8), WHITE)).toBe(true);
  });

  test('the colours of a gradient are found', () => {
    const gradient = 'linear-gradient(90deg, rgb(1, 2, 3) 0%, rgba(4, 5, 6, 0.5) 50%, oklch(1 0 0))';
    expect(coloursIn(gradient).map(({ red }) => Math.round(red))).toEqual([1, 4, 255]);
  });
});
