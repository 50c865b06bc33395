import { describe, expect, test } from 'vitest';
import { clipped, clippedByPath, isAtLeast, partWithin } from './box';

const BOX = { left: 10, top: 20, right: 110, bottom: 70 };

describe('what a clip leaves', () => {
  test.each([
    ['rect(0px, 0px, 0px, 0px)', { left: 10, top: 20, right: 10, bottom: 20 }],
    ['rect(5px, auto, auto, 10px)', { left: 20, top: 25, right: 110, bottom: 70 }],
    ['auto', BOX],
  ])('%s', (clip, left) => expect(clipped(clip, BOX)).toEqual(left));

  test.each([
    ['inset(10px 20%)', { left: 30, top: 30, right: 90, bottom: 60 }],
    ['inset(0px 0px 10px round 4px)', { left: 10, top: 20, right: 110, bottom: 60 }],
    ['circle(10px at 50% 50%)', { left: 50, top: 35, right: 70, bottom: 55 }],
    ['circle(closest-side)', BOX],
    ['ellipse(10% 20% at 20px 10px)', { left: 20, top: 20, right: 40, bottom: 40 }],
    ['polygon(0px 0px, 50% 0px, 50% 100%)', { left: 10, top: 20, right: 60, bottom: 70 }],
    ['url("#shape")', BOX],
  ])('%s', (path, left) => expect(clippedByPath(path, BOX)).toEqual(left));

  test.each([
    'inset(50%)',
    'circle(0px)',
    'polygon(0px 0px, 0px 0px, 0px 0px)',
    'inset(0px 100% 0px 0px)',
    'path("M0 0")',
  ])('%s leaves nothing', (path) => expect(isAtLeast(clippedByPath(path, BOX), 2, 2)).toBe(false));
});

test('parts of boxes are told by their area', () => {
  expect(partWithin(BOX, { left: 0, top: 0, right: 60, bottom: 45 })).toBe(0.25);
  expect(partWithin(BOX, { left: 200, top: 0, right: 300, bottom: 45 })).toBe(0);
});
