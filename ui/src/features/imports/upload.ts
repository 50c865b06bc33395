import type { Host } from '../../backend/host';

/** Bytes of a piece. In base64 and as JSON it stays below what the host takes at once. */
export const PIECE = 512 * 1024;

/** Sends a file piece by piece, and gives the id under which the host has it. What breaks off is taken back. */
export async function upload(
  host: Host,
  file: Blob,
  progress: (bytes: number) => void,
  signal: AbortSignal,
): Promise<string> {
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
