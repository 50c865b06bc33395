import { describe, expect, it } from 'vitest';
import { Parts } from './parts';

describe('parts of a message', () => {
  it('are put together, and whole messages are handed on', () => {
    const parts = new Parts();
    const message = { id: '1', piece: { data: '„ü“ "quoted"' } };
    const text = JSON.stringify(message);
    expect(parts.take(message)).toBe(message);
    expect(parts.take({ part: { text: text.slice(0, 9), isLast: false } })).toBeUndefined();
    expect(parts.take({ part: { text: text.slice(9, 20), isLast: false } })).toBeUndefined();
    expect(parts.take({ part: { text: text.slice(20), isLast: true } })).toEqual(message);
    expect(parts.take({ part: { text: '[1]', isLast: true } })).toEqual([1]);
  });

  it('that make no JSON are told, and leave nothing behind', () => {
    const parts = new Parts();
    expect(() => parts.take({ part: { text: '{"id"', isLast: true } })).toThrow(SyntaxError);
    expect(parts.take({ part: { text: '2', isLast: true } })).toBe(2);
  });
});
