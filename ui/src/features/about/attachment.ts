import type { Host } from '../../backend/host';
import type { Attachment } from '../../backend/types';
import { i18n } from '../../i18n/i18n.svelte';
import { preview } from '../preview/preview.svelte';

/** The most bytes of a request with a file; the host takes no more. */
const LARGEST_REQUEST = 48 << 20;
/** What a request needs besides the content. */
const FRAME = 4096;
/** The most bytes of a file: base64 makes four of three. */
export const LARGEST_FILE = ((LARGEST_REQUEST - FRAME) / 4) * 3;

/**
 * Hands a file over.
 * @throws why it cannot be read, that it is too large, or what the host says
 */
export async function handOver(host: Host, file: File, signal: AbortSignal): Promise<Attachment> {
  const t = i18n.t.about;
  if (file.size > LARGEST_FILE) throw new Error(t.tooLarge(i18n.bytes(file.size), i18n.bytes(LARGEST_FILE)));
  const content = await inBase64(file).catch(() => {
    throw new Error(t.unreadable);
  });
  signal.throwIfAborted();
  return host.post('/v1/attachments', { body: { name: file.name, content }, signal });
}

function inBase64(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result).replace(/^data:[^,]*,/, ''));
    reader.onerror = () => reject(reader.error ?? new Error('the file cannot be read'));
    reader.readAsDataURL(file);
  });
}

/**
 * The image that was handed over.
 * @throws what the host says
 */
export async function imageOf(host: Host, id: string, signal: AbortSignal): Promise<Blob> {
  const { content, image } = await host.get('/v1/attachments/{id}', { path: { id }, query: { content: true }, signal });
  return new Blob([bytesOf(content ?? '')], { type: image ?? '' });
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

/**
 * Shows the text of an indexed file.
 * @throws what the host says, or that nothing is indexed there
 */
export async function openDocument(host: Host, path: string): Promise<void> {
  const [document] = (await host.get('/v1/documents', { query: { path, limit: 1 } })).documents;
  if (!document) throw new Error(i18n.t.preview.gone);
  const { id, title, hash } = document;
  preview.open({ document: id, path, title: title ?? null, span: null, hash });
}

/**
 * Shows the text of a file that was handed over.
 * @throws as `openDocument`
 */
export async function openAttachment(host: Host, id: string): Promise<void> {
  await openDocument(host, (await host.get('/v1/attachments/{id}', { path: { id } })).path);
}
