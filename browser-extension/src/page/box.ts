/** A part of a page in CSS pixels from the page's beginning, however far it is scrolled. Its sides may be infinite. */
export interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** All of the plane. */
export const EVERYWHERE: Box = { left: -Infinity, top: -Infinity, right: Infinity, bottom: Infinity };

/** No part of it, which nothing is within. */
export const NOTHING: Box = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };

/** What lies in both; its sides are in disorder when that is nothing. */
export function common(one: Box, other: Box): Box {
  return {
    left: Math.max(one.left, other.left),
    top: Math.max(one.top, other.top),
    right: Math.min(one.right, other.right),
    bottom: Math.min(one.bottom, other.bottom),
  };
}

/** Whether a box is at least as wide and as high as this. */
export function isAtLeast(box: Box, width: number, height: number): boolean {
  return box.right - box.left >= width && box.bottom - box.top >= height;
}

/** Whether one box lies in another, but for a pixel. */
export function isWithin(inner: Box, outer: Box): boolean {
  return (
    inner.left >= outer.left - 1 &&
    inner.top >= outer.top - 1 &&
    inner.right <= outer.right + 1 &&
    inner.bottom <= outer.bottom + 1
  );
}

/** How much of a box lies in another, from 0 to 1. */
export function partWithin(inner: Box, outer: Box): number {
  const area = (inner.right - inner.left) * (inner.bottom - inner.top);
  const { left, top, right, bottom } = common(inner, outer);
  return area > 0 && right > left && bottom > top ? ((right - left) * (bottom - top)) / area : 0;
}

/** A rectangle of a viewport that is scrolled so far, as a box. */
export function boxOf({ left, top, right, bottom }: DOMRectReadOnly, scrollX: number, scrollY: number): Box {
  return { left: left + scrollX, top: top + scrollY, right: right + scrollX, bottom: bottom + scrollY };
}

/** What the old property `clip` leaves of a box; the box when it leaves all. */
export function clipped(clip: string, box: Box): Box {
  const sides = /^rect\((.*)\)$/.exec(clip)?.[1]?.split(/[\s,]+/);
  if (sides?.length !== 4) return box;
  const [top, right, bottom, left] = sides.map((side) => (side === 'auto' ? NaN : Number.parseFloat(side)));
  const from = (start: number, by: number | undefined, otherwise: number): number =>
    by === undefined || Number.isNaN(by) ? otherwise : start + by;
  return {
    left: from(box.left, left, box.left),
    top: from(box.top, top, box.top),
    right: from(box.left, right, box.right),
    bottom: from(box.top, bottom, box.bottom),
  };
}

/** The smallest box around what `clip-path` leaves of a box; all of it for a path that is no dot, and for a picture. */
export function clippedByPath(path: string, box: Box): Box {
  const [, shape, inside] = /^([a-z]+)\(([^()]*(?:\([^()]*\)[^()]*)*)\)/.exec(path) ?? [];
  if (shape === undefined || inside === undefined) return box;
  const [width, height] = [box.right - box.left, box.bottom - box.top];
  switch (shape) {
    case 'inset': {
      const lengths = inside
        .split(/\sround\s/)[0]!
        .trim()
        .split(/\s+/);
      const [top = 0, right = top, bottom = top, left = right] = lengths.map((word, side) =>
        lengthOf(word, side % 2 === 0 ? height : width),
      );
      return { left: box.left + left, top: box.top + top, right: box.right - right, bottom: box.bottom - bottom };
    }
    case 'circle':
    case 'ellipse':
      return around(inside, box, width, height);
    case 'polygon': {
      const points = inside.split(',').map((point) => point.trim().split(/\s+/));
      const corners = points.filter((point) => point.length === 2);
      const across = corners.map(([x]) => box.left + lengthOf(x!, width));
      const down = corners.map(([, y]) => box.top + lengthOf(y!, height));
      if (corners.length === 0) return box;
      return {
        left: Math.min(...across),
        top: Math.min(...down),
        right: Math.max(...across),
        bottom: Math.max(...down),
      };
    }
    case 'path': {
      const numbers = (inside.match(/-?[\d.]+/g) ?? []).map(Number);
      const isDot = numbers.every((number) => Math.abs(number) < 2);
      return isDot ? { ...box, right: box.left, bottom: box.top } : box;
    }
    default:
      return box;
  }
}

/** The box around a circle or an ellipse. */
function around(inside: string, box: Box, width: number, height: number): Box {
  const [radii = '', place = '50% 50%'] = inside.split(/\s*\bat\s+/);
  const words = radii.trim().split(/\s+/);
  const [across = NaN, down = across] = words.map((word, index) =>
    lengthOf(word, words.length === 1 ? Math.hypot(width, height) / Math.SQRT2 : index === 0 ? width : height),
  );
  // A radius in words reaches a side, so that enough is left to be seen.
  if (Number.isNaN(across) || Number.isNaN(down)) return box;
  const [x = '50%', y = '50%'] = place.trim().split(/\s+/);
  const [middle, centre] = [box.left + lengthOf(x, width), box.top + lengthOf(y, height)];
  return common(box, { left: middle - across, top: centre - down, right: middle + across, bottom: centre + down });
}

/** A length in pixels; a share of `whole` where it is in per cent; not a number when it is in words. */
function lengthOf(word: string, whole: number): number {
  const length = Number.parseFloat(word);
  return word.endsWith('%') ? (length / 100) * whole : length;
}
