/** Some of many things that stand one below the other. */
export interface Portion {
  /** The first of them. */
  first: number;
  /** The one after the last of them. */
  end: number;
  /** What those above take up. */
  above: number;
  /** What those below take up. */
  below: number;
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
  return { first, end, above, below: heights.slice(end).reduce((sum, height) => sum + height, 0) };
}
