import { expect, it } from 'vitest';
import { partOf } from './picture_file';

const view = { width: 800, height: 600 };

it('a picture is cut out of what the window shows', () => {
  expect(partOf({ left: 10, top: 20, width: 100, height: 50, view }, 2)).toEqual({
    left: 20,
    top: 40,
    width: 200,
    height: 100,
  });
});

it('of a picture at the edge the part is taken that is seen, if that is most of it', () => {
  expect(partOf({ left: -40, top: 580, width: 100, height: 20, view }, 1)).toEqual({
    left: 0,
    top: 580,
    width: 60,
    height: 20,
  });
  expect(partOf({ left: -60, top: 0, width: 100, height: 20, view }, 1)).toBeNull();
  expect(partOf({ left: 0, top: 900, width: 100, height: 100, view }, 1)).toBeNull();
});

it('what a page says of its size may be anything', () => {
  expect(partOf({ left: NaN, top: 0, width: 100, height: 100, view }, 1)).toBeNull();
  expect(partOf({ left: 0, top: 0, width: 10, height: 10, view }, Infinity / Infinity)).toBeNull();
  const huge = partOf({ left: -1e9, top: -1e9, width: 2e9, height: 2e9, view }, 1);
  expect(huge).toBeNull();
});
