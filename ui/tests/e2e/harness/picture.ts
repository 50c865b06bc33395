import type { Page } from '@playwright/test';

/** A picture of a garden bed, in base64. */
export function picture(page: Page): Promise<string> {
  return page.evaluate(() => {
    const canvas = document.createElement('canvas');
    canvas.width = canvas.height = 64;
    const drawing = canvas.getContext('2d');
    if (!drawing) throw new Error('this browser draws nothing');
    drawing.fillStyle = '#9cc6dd';
    drawing.fillRect(0, 0, 64, 30);
    drawing.fillStyle = '#7a5836';
    drawing.fillRect(0, 30, 64, 34);
    drawing.fillStyle = '#4f9a4a';
    for (const left of [6, 22, 38, 54]) drawing.fillRect(left, 18, 6, 22);
    return canvas.toDataURL('image/png').replace(/^data:[^,]*,/, '');
  });
}
