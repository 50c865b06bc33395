import type { PdfProblem } from '../pdf/fetched';
import type { TreePiece } from '../page/tree_stream';
import type { PageSelection, Snapshot } from '../page/types';
import type { FillEntry, FillReport, FormField, UndoReport } from '../forms/types';

/** What the panel has done in a page. */
export type PageRequest =
  /** Scrolls to a passage and marks it; `passage` is Markdown, as the page was read. */
  | { ambit: 'show'; passage: string }
  | { ambit: 'clear' }
  /** What is selected, with what stands around it. */
  | { ambit: 'selection' }
  /** The PDF that the browser shows in its viewer, of at most so many bytes. */
  | { ambit: 'pdf'; most: number };

/** What came of it. */
export type PageReply =
  | { shown: boolean }
  | { cleared: true }
  | { selection: Selected | null }
  /** A PDF in base64, or why there is none. */
  | PdfReply;

/** How the panel reads a page. It asks over a port of its own, over which the page comes in pieces. */
export type ReadRequest =
  /** As it is; as an example, with the part in which the selection begins chosen. */
  | { ambit: 'read'; isExample?: true }
  /** With the link to an address chosen. */
  | { ambit: 'link'; address: string }
  /** With the picture of an address chosen, and what it shows where that is wanted. */
  | { ambit: 'image'; address: string; isShown: boolean };

/** The name of that port. */
export const READING = 'ambit.reading';

/** What comes over that port: the tree of the page, and at last all else. */
export type ReadPiece = { tree: TreePiece } | Reading;

/** What was read of a page, but for its tree. */
export interface Reading {
  snapshot: Omit<Snapshot, 'root'>;
  /** How many things of the page have the address that was asked for. */
  count: number;
  picture: Picture | null;
}

/** A PDF in base64, or why there is none. */
export interface PdfReply {
  pdf: string | null;
  problem: PdfProblem | null;
}

/** What is selected in a page or frame, or in a frame of the same origin in that. */
export interface Selected extends PageSelection {
  url: string;
  title: string;
  /** Whether what has the focus is in a frame of another origin, so that the person's selection may be there. */
  isFrameFocused: boolean;
}

/** What a picture shows. */
export interface Picture {
  /** The picture itself as PNG, in base64; null where the page does not let it be read. */
  png: string | null;
  /** Where it is in the window, in CSS pixels, with the size of the window; null where it is not to be seen. */
  place: { left: number; top: number; width: number; height: number; view: { width: number; height: number } } | null;
}

/** What the panel has done in a page's forms. */
export type FormRequest = { ambit: 'fields' } | { ambit: 'fill'; entries: FillEntry[] } | { ambit: 'undo' };

/** What came of it. */
export type FormReply = { fields: FormField[] } | { filled: FillReport } | { undone: UndoReport };

/** Why nothing came of it. */
export interface Failed {
  failed: string;
}

/** Whether somebody of the extension's own pages asks: no content script, and no other extension. */
export function isFromExtension(sender: chrome.runtime.MessageSender, id: string, origin: string): boolean {
  // A panel that is open as a tab has a tab as well, so the address decides.
  return sender.id === id && typeof sender.url === 'string' && sender.url.startsWith(origin);
}

/** What is asked of a page; null when it is nothing that this version knows. */
export function pageRequestIn(message: unknown): PageRequest | null {
  const { ambit, passage, most } = partsOf(message);
  if (ambit === 'clear' || ambit === 'selection') return { ambit };
  if (ambit === 'pdf' && typeof most === 'number') return { ambit, most };
  return ambit === 'show' && typeof passage === 'string' ? { ambit, passage } : null;
}

/** What is to be read; null when it is nothing that this version knows. */
export function readRequestIn(message: unknown): ReadRequest | null {
  const { ambit, isExample, address, isShown } = partsOf(message);
  if (ambit === 'read') return isExample === true ? { ambit, isExample } : { ambit };
  if (ambit === 'link' && typeof address === 'string') return { ambit, address };
  if (ambit === 'image' && typeof address === 'string') return { ambit, address, isShown: isShown === true };
  return null;
}

/** What is asked of forms; null when it is nothing that this version knows. */
export function formRequestIn(message: unknown): FormRequest | null {
  const { ambit, entries } = partsOf(message);
  if (ambit === 'fields' || ambit === 'undo') return { ambit };
  return ambit === 'fill' && Array.isArray(entries) && entries.every(isEntry) ? { ambit, entries } : null;
}

function partsOf(
  message: unknown,
): Partial<Record<'ambit' | 'passage' | 'entries' | 'isExample' | 'address' | 'isShown' | 'most', unknown>> {
  return typeof message === 'object' && message !== null ? message : {};
}

function isEntry(entry: unknown): entry is FillEntry {
  const { id, value } = (entry ?? {}) as Partial<Record<keyof FillEntry, unknown>>;
  return typeof id === 'string' && typeof value === 'string';
}
