/** A colour in sRGB: red, green and blue from 0 to 255, and how much it covers, from 0 to 1. */
export interface Colour {
  red: number;
  green: number;
  blue: number;
  alpha: number;
}

/** White, which a page is painted on where it says nothing else. */
export const WHITE: Colour = { red: 255, green: 255, blue: 255, alpha: 1 };

/** Colours differ visibly from this distance on, which is about that of #e4e4e4 from white. */
const VISIBLE_DISTANCE = 46;

const cache = new Map<string, Colour | null>();
/** A page that paints in ever new colours must not fill the memory. */
const LARGEST_CACHE = 2000;

/** A colour as the browser computes it, in any of the spaces of CSS; null when it is in none that is known. */
export function colourOf(css: string): Colour | null {
  let colour = cache.get(css);
  if (colour === undefined) {
    if (cache.size >= LARGEST_CACHE) cache.clear();
    colour = parsed(css);
    cache.set(css, colour);
  }
  return colour;
}

/** What is seen where a colour is painted on a ground. */
export function painted(colour: Colour, ground: Colour, opacity = 1): Colour {
  const alpha = colour.alpha * opacity;
  const mix = (above: number, below: number): number => above * alpha + below * (1 - alpha);
  return {
    red: mix(colour.red, ground.red),
    green: mix(colour.green, ground.green),
    blue: mix(colour.blue, ground.blue),
    alpha: 1 - (1 - alpha) * (1 - ground.alpha),
  };
}

/** Whether a person can tell two colours apart. */
export function isDistinct(one: Colour, other: Colour): boolean {
  return Math.hypot(one.red - other.red, one.green - other.green, one.blue - other.blue) > VISIBLE_DISTANCE;
}

/** The colours that a gradient goes through, in the order in which they are written. */
export function coloursIn(css: string): Colour[] {
  const written = css.match(/(?:rgba?|color|oklch|oklab|lch|lab)\([^()]*\)/g) ?? [];
  return written.flatMap((colour) => colourOf(colour) ?? []);
}

function parsed(css: string): Colour | null {
  const [, space, list] = /^([a-z]+)\(([^()]*)\)$/.exec(css.trim()) ?? [];
  if (space === undefined || list === undefined) return css === 'transparent' ? { ...WHITE, alpha: 0 } : null;
  const words = list.split(/[\s,/]+/).filter((word) => word !== '');
  const named = space === 'color' ? words.shift() : space;
  const [first = 0, second = 0, third = 0, alpha = 1] = words.map((word) => numberOf(word));
  const channels = channelsOf(named ?? '', first, second, third);
  if (!channels || [first, second, third, alpha].some(Number.isNaN)) return null;
  const [red, green, blue] = channels;
  return { red, green, blue, alpha };
}

function numberOf(word: string): number {
  if (word === 'none') return 0;
  return word.endsWith('%') ? Number(word.slice(0, -1)) / 100 : Number(word);
}

type Triple = [number, number, number];

/** The colour in sRGB from 0 to 255. Wider spaces are taken for sRGB: only differences are asked for. */
function channelsOf(space: string, first: number, second: number, third: number): Triple | null {
  switch (space) {
    case 'rgb':
    case 'rgba':
      return [first, second, third];
    case 'srgb':
    case 'display-p3':
    case 'rec2020':
    case 'a98-rgb':
    case 'prophoto-rgb':
      return [first * 255, second * 255, third * 255];
    case 'srgb-linear':
      return [encoded(first), encoded(second), encoded(third)];
    case 'oklab':
      return fromOklab(first, second, third);
    case 'oklch':
      return fromOklab(first, ...polar(second, third));
    case 'lab':
      return fromLab(first, second, third);
    case 'lch':
      return fromLab(first, ...polar(second, third));
    default:
      return null;
  }
}

function polar(chroma: number, degrees: number): [number, number] {
  const angle = (degrees * Math.PI) / 180;
  return [chroma * Math.cos(angle), chroma * Math.sin(angle)];
}

function encoded(linear: number): number {
  const within = Math.min(Math.max(linear, 0), 1);
  return 255 * (within <= 0.0031308 ? 12.92 * within : 1.055 * within ** (1 / 2.4) - 0.055);
}

function fromOklab(lightness: number, a: number, b: number): Triple {
  const long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const short = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    encoded(4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short),
    encoded(-1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short),
    encoded(-0.0041960863 * long - 0.7034186147 * medium + 1.707614701 * short),
  ];
}

function fromLab(lightness: number, a: number, b: number): Triple {
  const y = (lightness + 16) / 116;
  const inverse = (value: number): number => (value > 6 / 29 ? value ** 3 : 3 * (6 / 29) ** 2 * (value - 4 / 29));
  // The white point is that of D50, and so is the matrix.
  const [bigX, bigY, bigZ] = [0.96422 * inverse(y + a / 500), inverse(y), 0.82521 * inverse(y - b / 200)];
  return [
    encoded(3.1338561 * bigX - 1.6168667 * bigY - 0.4906146 * bigZ),
    encoded(-0.9787684 * bigX + 1.9161415 * bigY + 0.033454 * bigZ),
    encoded(0.0719453 * bigX - 0.2289914 * bigY + 1.4052427 * bigZ),
  ];
}
