/** Some of many things that stand one below the other. */
export interface Portion {
  /** The first of them. */
  first: number;
  /** The one after the last of them. */
  end: number;
}

/** Those of things of these heights that reach into what lies between `top` and `bottom`; at least one, if there is any. */
export function portion(heights: readonly number[], top: number, bottom: number): Portion {
  const last = heights.length - 1;
  let [first, above] = [0, 0];
  // This runs with each frame of scrolling, so that copies of long lists would be much to clear away.
  while (first < last && above + (heights[first] ?? 0) <= top) above += heights[first++] ?? 0;
  let [end, reached] = [first, above];
  while (end <= last && (reached < bottom || end === first)) reached += heights[end++] ?? 0;
  return { first, end };
}

/**
 * The way to what is wanted: what is in sight, what is drawn already of what is wanted, and at most so many others, the nearest
 * ones. To draw all at once might take longer than a frame.
 */
export function towards(wanted: Portion, sight: Portion, isDrawn: (index: number) => boolean, most: number): Portion {
  let { first, end } = sight;
  for (let left = most; first > wanted.first || end < wanted.end;) {
    const [isAbove, isBelow] = [first > wanted.first, end < wanted.end];
    if (isAbove && isDrawn(first - 1)) first--;
    else if (isBelow && isDrawn(end)) end++;
    else if (left-- === 0) break;
    else if (isBelow && (!isAbove || end - sight.end <= sight.first - first)) end++;
    else first--;
  }
  return { first, end };
}

/** What the things above and below a portion take up. */
export function around(heights: readonly number[], { first, end }: Portion): { above: number; below: number } {
  return { above: total(heights, 0, first), below: total(heights, end, heights.length) };
}

/** What the things from one to before another take up. */
export function total(heights: readonly number[], from: number, to: number): number {
  let sum = 0;
  for (let index = from; index < to; index++) sum += heights[index] ?? 0;
  return sum;
}
