import { colourOf, coloursIn, isDistinct, painted, WHITE, type Colour } from './colour';

/** What is painted below a text: the colours that may be there; null below a picture, of which nothing is known. */
export type Ground = readonly Colour[] | null;

/** What a browser paints a dark page on. */
const DARK: Colour = { red: 18, green: 18, blue: 18, alpha: 1 };

/** The ground of a page before it paints anything. */
export function canvasOf(colourScheme: string, prefersDark: boolean): Ground {
  const isDark = /\bdark\b/.test(colourScheme) && (prefersDark || !/\blight\b/.test(colourScheme));
  return [isDark ? DARK : WHITE];
}

/** The ground in an element that paints this above the ground around it. */
export function groundIn(around: Ground, colour: string, image: string, opacity: number): Ground {
  const own = colourOf(colour);
  let ground = around;
  if (own && own.alpha > 0) {
    if (around) ground = around.map((below) => painted(own, below, opacity));
    else if (own.alpha * opacity > 0.9) ground = [own];
  }
  if (image === 'none' || image === '') return ground;
  if (!image.includes('gradient(') || /url\(|image-set\(|element\(|paint\(|cross-fade\(/.test(image)) return null;
  const stops = coloursIn(image);
  if (!ground || stops.length === 0) return null;
  const [below = WHITE] = ground;
  return stops.map((stop) => painted(stop, below, opacity));
}

/** Whether text of one of these colours can be told from its ground. */
export function isSeenOn(ground: Ground, text: readonly Colour[], opacity: number): boolean {
  // A picture shows something, but not through it what covers nothing.
  if (!ground) return text.some(({ alpha }) => alpha * opacity > 0.15);
  return text.some((colour) => ground.some((below) => isDistinct(painted(colour, below, opacity), below)));
}

/** How what an element paints is mixed with what is behind it. */
export interface Blend {
  mode: string;
  behind: Ground;
}

/** Whether text on its ground can still be told from it when both are mixed with what is behind. */
export function isSeenThrough({ mode, behind }: Blend, ground: Ground, text: Colour, opacity: number): boolean {
  const mix = MIXES.get(mode);
  if (!mix || !behind || !ground) return true;
  const mixed = (colour: Colour, below: Colour): Colour => ({
    red: mix(colour.red, below.red),
    green: mix(colour.green, below.green),
    blue: mix(colour.blue, below.blue),
    alpha: 1,
  });
  // Where the element paints no ground of its own, what is behind stays as it is.
  const isBare = ground === behind;
  return behind.some((below) =>
    ground.some((own) => isDistinct(mixed(painted(text, own, opacity), below), isBare ? below : mixed(own, below))),
  );
}

type Mix = (above: number, below: number) => number;
const screen: Mix = (above, below) => 255 - ((255 - above) * (255 - below)) / 255;
const multiply: Mix = (above, below) => (above * below) / 255;

/** The modes by which a text can vanish, for one part of a colour. */
const MIXES = new Map<string, Mix>([
  ['screen', screen],
  ['color-dodge', screen],
  ['plus-lighter', (above, below) => Math.min(255, above + below)],
  ['lighten', Math.max],
  ['multiply', multiply],
  ['color-burn', multiply],
  ['darken', Math.min],
  ['difference', (above, below) => Math.abs(above - below)],
  ['exclusion', (above, below) => above + below - 2 * multiply(above, below)],
]);
