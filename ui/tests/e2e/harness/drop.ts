import type { Page } from '@playwright/test';

/** Holds files over the page, as from the system's file browser; gives what lets them go there. */
export async function holdOver(page: Page, files: Record<string, string>): Promise<() => Promise<void>> {
  const transfer = await page.evaluateHandle((given) => {
    const all = new DataTransfer();
    for (const [name, content] of Object.entries(given)) all.items.add(new File([content], name));
    return all;
  }, files);
  const main = page.locator('main');
  await main.dispatchEvent('dragenter', { dataTransfer: transfer });
  await main.dispatchEvent('dragover', { dataTransfer: transfer });
  return () => main.dispatchEvent('drop', { dataTransfer: transfer });
}

/** Pastes a file where the focus is. */
export async function paste(page: Page, name: string, type: string, base64: string): Promise<void> {
  await page.evaluate(
    (given) => {
      const bytes = Uint8Array.from(atob(given.base64), (character) => character.charCodeAt(0));
      const clipboardData = new DataTransfer();
      clipboardData.items.add(new File([bytes], given.name, { type: given.type }));
      const event = new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true });
      document.activeElement?.dispatchEvent(event);
    },
    { name, type, base64 },
  );
}

/** A picture of one point. */
export const PICTURE =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==';
