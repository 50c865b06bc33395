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
