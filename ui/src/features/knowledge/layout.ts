/** A place in a drawing. */
export interface Point {
  x: number;
  y: number;
}

/** Room that the name of a node takes beside its middle. */
const MARGIN = { x: 70, y: 34 };

/** Places around the middle for so many neighbours: one ring, from the top and clockwise. */
export function around(count: number, width: number, height: number): Point[] {
  const [a, b] = [Math.max(width / 2 - MARGIN.x, 0), Math.max(height / 2 - MARGIN.y, 0)];
  return Array.from({ length: count }, (_, at) => {
    const angle = (2 * Math.PI * at) / count - Math.PI / 2;
    return { x: width / 2 + a * Math.cos(angle), y: height / 2 + b * Math.sin(angle) };
  });
}

/** How many neighbours can be drawn so that their names stay apart. */
export function roomFor(width: number): number {
  return width < 420 ? 6 : width < 620 ? 10 : 14;
}

/** A point between two, by the share of the way. */
export function between(from: Point, to: Point, share: number): Point {
  return { x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share };
}

/** A name that fits below its node. */
export function shortened(name: string, most: number): string {
  const letters = [...name];
  return letters.length <= most ? name : `${letters.slice(0, most - 1).join('')}…`;
}
