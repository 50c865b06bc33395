import type { Picture } from '../content/messages';
import { bytesOf } from './base64';
import { fileName } from './page_file';

/** Of a picture less of which is to be seen in the window, nobody could say what it shows. */
const LEAST_SEEN = 0.5;

/**
 * A picture of a tab's page as a file: as the page has it, or else as it is seen in the window; null where it is neither. Nothing
 * is fetched for it.
 */
export async function pictureFile({ png, place }: Picture, name: string, tab: number): Promise<File | null> {
  const content = png === null ? await seen(place, tab).catch(() => null) : new Blob([bytesOf(png)]);
  const plain = name.replace(/\.(?:avif|bmp|gif|jpe?g|png|svg|webp)$/i, '');
  return content && new File([content], `${fileName(plain)}.png`, { type: 'image/png' });
}

/** The part of a tab that is in front in its window, as the browser shows it. */
async function seen(place: Picture['place'], tab: number): Promise<Blob | null> {
  const { active, windowId, url } = await chrome.tabs.get(tab);
  if (!place || !active) return null;
  const shot = await chrome.tabs.captureVisibleTab(windowId, { format: 'png' });
  const after = await chrome.tabs.get(tab);
  // Something else may have come in front meanwhile, which nobody asked about.
  if (!after.active || after.url !== url) return null;
  const bitmap = await createImageBitmap(new Blob([bytesOf(shot.replace(/^data:[^,]*,/, ''))]));
  const part = partOf(place, bitmap.width / place.view.width);
  if (!part) return null;
  const canvas = new OffscreenCanvas(part.width, part.height);
  canvas.getContext('2d')?.drawImage(bitmap, -part.left, -part.top);
  return canvas.convertToBlob({ type: 'image/png' });
}

/** The pixels of a window in which a picture is seen; null where too little of it is. */
export function partOf(
  { left, top, width, height, view }: NonNullable<Picture['place']>,
  scale: number,
): { left: number; top: number; width: number; height: number } | null {
  const [right, bottom] = [Math.min(left + width, view.width), Math.min(top + height, view.height)];
  const [begin, first] = [Math.max(left, 0), Math.max(top, 0)];
  const area = Math.max(0, right - begin) * Math.max(0, bottom - first);
  if (!(area >= LEAST_SEEN * width * height) || !(scale > 0)) return null;
  const size = (length: number): number => Math.max(1, Math.round(length * scale));
  return {
    left: Math.round(begin * scale),
    top: Math.round(first * scale),
    width: size(right - begin),
    height: size(bottom - first),
  };
}
