import { naturalHeightOf, naturalWidthOf, rectangleOf } from '../page/dom_access';
import { base64Of } from './base64_of';
import type { Picture } from './messages';

/** The longest side of a picture that is handed on, in pixels: models look at no more of it. */
export const LONGEST_SIDE = 1568;

/**
 * What a picture of the page shows, without anything being fetched: as it is in memory, where the page may read it itself. Where
 * it may not, as of pictures of other sites, it can only be looked at where it is seen.
 */
export async function pictureOf(element: Element): Promise<Picture> {
  return { png: await pixelsOf(element).catch(() => null), place: placeOf(element) };
}

async function pixelsOf(element: Element): Promise<string | null> {
  const [width, height] = [naturalWidthOf(element), naturalHeightOf(element)];
  if (width === 0 || height === 0) return null;
  const scale = Math.min(1, LONGEST_SIDE / Math.max(width, height));
  const canvas = new OffscreenCanvas(Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale)));
  const drawing = canvas.getContext('2d');
  if (!drawing) return null;
  drawing.drawImage(element as HTMLImageElement, 0, 0, canvas.width, canvas.height);
  // It fails where the picture is of another site that does not let this one read it.
  return base64Of(await canvas.convertToBlob({ type: 'image/png' }));
}

function placeOf(element: Element): Picture['place'] {
  const { left, top, width, height } = rectangleOf(element);
  // What is zoomed by fingers is not where the page says that it is.
  if (window !== window.top || (visualViewport?.scale ?? 1) !== 1) return null;
  const view = { width: innerWidth, height: innerHeight };
  return width > 0 && height > 0 ? { left, top, width, height, view } : null;
}
