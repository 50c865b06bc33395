import { HostError } from '../../backend/backend';
import type { Host } from '../../backend/host';
import { i18n } from '../../i18n/i18n.svelte';

/** Bytes of a piece. In base64 and as JSON it stays below what the host takes at once. */
export const PIECE = 512 * 1024;

/** Gigabytes of the largest file that the host takes. */
const LARGEST = 4;

/**
 * Sends a file piece by piece, and gives the id under which the host has it. What breaks off is taken back; a file that is too
 * large is not begun.
 */
export async function upload(
  host: Host,
  file: Blob,
  progress: (bytes: number) => void,
  signal: AbortSignal,
): Promise<string> {
  if (file.size > LARGEST * 1024 ** 3) throw new HostError('too-large', i18n.t.imports.tooLarge(LARGEST));
  const { id } = await host.post('/v1/uploads', { signal });
  try {
    for (let at = 0; at < file.size; at += PIECE) {
      signal.throwIfAborted();
      const data = base64(new Uint8Array(await file.slice(at, at + PIECE).arrayBuffer()));
      const { size } = await host.post('/v1/uploads/{id}', { path: { id }, body: { at, data }, signal });
      progress(size);
    }
    return id;
  } catch (failure) {
    await host.delete('/v1/uploads/{id}', { path: { id } }).catch(() => undefined);
    throw failure;
  }
}

/** Bytes as text. Browsers that can do it themselves came lately; arguments of a call are limited. */
export function base64(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(text);
}
