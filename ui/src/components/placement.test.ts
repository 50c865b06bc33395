import { expect, test } from 'vitest';
import { placed, type Box } from './placement';

const WINDOW = { width: 360, height: 640 };
const MENU = { width: 192, height: 120 };

function opener(left: number, top: number): Box {
  return { left, right: left + 28, top, bottom: top + 28 };
}

test('it stands at its opener where there is room', () => {
  expect(placed(opener(300, 10), MENU, WINDOW, 'below', 'end')).toEqual({ left: 136, top: 42 });
  expect(placed(opener(20, 500), MENU, WINDOW, 'above', 'start')).toEqual({ left: 20, top: 376 });
});

test('it never stands out at a side', () => {
  expect(placed(opener(70, 10), MENU, WINDOW, 'below', 'end').left).toBe(4);
  expect(placed(opener(320, 10), MENU, WINDOW, 'below', 'start').left).toBe(164);
});

test('it goes to the other side where only there is room', () => {
  expect(placed(opener(300, 600), MENU, WINDOW, 'below', 'end').top).toBe(476);
  expect(placed(opener(300, 20), MENU, WINDOW, 'above', 'end').top).toBe(52);
  const low = { width: 360, height: 140 };
  expect(placed(opener(300, 60), MENU, low, 'below', 'end').top).toBe(16);
});
