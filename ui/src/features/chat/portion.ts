/** Some of many things that stand one below the other. */
export interface Portion {
  /** The first of them. */
  first: number;
  /** The one after the last of them. */
  end: number;
}

/** Those of things of these heights that reach into what lies between `top` and `bottom`; at least one, if there is any. */
export function portion(heights: readonly number[], top: number, bottom: number): Portion {
  let [first, above] = [0, 0];
  for (const height of heights.slice(0, -1)) {
    if (above + height > top) break;
    above += height;
    first++;
  }
  let [end, reached] = [first, above];
  for (const height of heights.slice(first)) {
    if (reached >= bottom && end > first) break;
    reached += height;
    end++;
  }
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
  const total = (some: readonly number[]): number => some.reduce((sum, height) => sum + height, 0);
  return { above: total(heights.slice(0, first)), below: total(heights.slice(end)) };
}
