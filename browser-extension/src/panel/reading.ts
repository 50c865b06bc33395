import {
  READING,
  type Failed,
  type FormReply,
  type FormRequest,
  type PageReply,
  type PageRequest,
  type PdfReply,
  type Picture,
  type Reading,
  type ReadPiece,
  type ReadRequest,
  type Selected,
} from '../content/messages';
import type { FillEntry, FillReport, FormField, UndoReport } from '../forms/types';
import type { Snapshot } from '../page/types';
import { HIGHLIGHT_STYLE } from '../page/highlight';
import { TreeReader } from '../page/tree_stream';
import { refuseOff } from './open_page.svelte';

/** The scripts that are put into pages, each once it is needed. */
const SCRIPTS = { page: 'page.js', forms: 'forms.js' } as const;

/**
 * Has a script do something in a frame of a tab's page; 0 is the page itself.
 * @throws when the browser does not let this page be read, or it is closed
 */
async function ask<Reply extends object>(
  script: keyof typeof SCRIPTS,
  tab: number,
  request: PageRequest | FormRequest,
  frame = 0,
): Promise<Reply> {
  await put(script, tab, frame);
  return tell(tab, request, frame);
}

async function put(script: keyof typeof SCRIPTS, tab: number, frame: number): Promise<void> {
  await chrome.scripting.executeScript({ target: { tabId: tab, frameIds: [frame] }, files: [SCRIPTS[script]] });
}

async function tell<Reply extends object>(
  tab: number,
  request: PageRequest | FormRequest,
  frame: number,
): Promise<Reply> {
  const reply: Reply | Failed = await chrome.tabs.sendMessage(tab, request, { frameId: frame });
  if ('failed' in reply) throw new Error(reply.failed);
  return reply;
}

/**
 * Reads the page in a frame of a tab, which comes in pieces while it is read.
 * @throws as `ask`
 */
async function read(tab: number, request: ReadRequest, frame = 0): Promise<PointedTo> {
  await put('page', tab, frame);
  const port = chrome.tabs.connect(tab, { name: READING, frameId: frame });
  const tree = new TreeReader();
  try {
    const { snapshot, ...more } = await new Promise<Reading>((resolve, reject) => {
      port.onMessage.addListener((piece: ReadPiece | Failed) => {
        if ('tree' in piece) tree.add(piece.tree);
        else if ('failed' in piece) reject(new Error(piece.failed));
        else resolve(piece);
      });
      port.onDisconnect.addListener(() => reject(new Error(chrome.runtime.lastError?.message ?? 'the page is gone')));
      port.postMessage(request);
    });
    return { snapshot: { ...snapshot, root: tree.root }, ...more };
  } finally {
    port.disconnect();
  }
}

/**
 * What is seen of the page of a tab.
 * @throws when the browser does not let it be read, it is closed, or of a site that is off
 */
export async function snapshotOf(tab: number): Promise<Snapshot> {
  return snapshotBy(tab, { ambit: 'read' });
}

/**
 * The same, with where in it the selection begins.
 * @throws as `snapshotOf`
 */
export async function exampleIn(tab: number): Promise<Snapshot> {
  return snapshotBy(tab, { ambit: 'read', isExample: true });
}

async function snapshotBy(tab: number, request: ReadRequest): Promise<Snapshot> {
  const { snapshot } = await read(tab, request);
  // The tab may show another page than a moment ago, by its own word.
  await refuseOff(URL.parse(snapshot.url));
  return snapshot;
}

/** The PDF that Chromium shows in a tab, of at most so many bytes. */
export async function pdfIn(tab: number, most: number): Promise<PdfReply> {
  const reply = await ask<PageReply>('page', tab, { ambit: 'pdf', most });
  return 'pdf' in reply ? reply : { pdf: null, problem: 'refused' };
}

/**
 * What is selected in the page of a tab, or in one of its frames that can be read, or in this one; null when that is nothing.
 * @throws as `snapshotOf`
 */
export async function selectedIn(tab: number, frame: number | null = null): Promise<Selected | null> {
  const target = frame === null ? { tabId: tab, allFrames: true } : { tabId: tab, frameIds: [frame] };
  const frames = await chrome.scripting.executeScript({ target, files: [SCRIPTS.page] });
  // The page itself comes first: it tells as well what is selected in frames of its origin.
  frames.sort((one, other) => one.frameId - other.frameId);
  const replies = await Promise.allSettled(
    frames.map(({ frameId }) => tell<PageReply>(tab, { ambit: 'selection' }, frameId)),
  );
  const selected = replies.flatMap((reply) =>
    reply.status === 'fulfilled' && 'selection' in reply.value && reply.value.selection ? [reply.value.selection] : [],
  );
  // What was selected before stays marked in some browsers: what the person is in now counts.
  return selected.find(({ isFrameFocused }) => !isFrameFocused) ?? selected[0] ?? null;
}

/** Something that a person pointed to in a page. */
export interface PointedTo {
  /** The page, or the frame of it, in which that is chosen. */
  snapshot: Snapshot;
  /** How many things of the page have its address. */
  count: number;
  /** What it shows, where that was asked for. */
  picture: Picture | null;
}

/**
 * What a person pointed to in a frame of a tab's page.
 * @throws as `snapshotOf`
 */
export async function pointedIn(
  tab: number,
  frame: number,
  request: Extract<ReadRequest, { ambit: 'link' | 'image' }>,
): Promise<PointedTo> {
  return read(tab, request, frame);
}

/**
 * Shows a passage in the page of a tab; false where it does not stand there any more.
 * @throws as `snapshotOf`
 */
export async function show(tab: number, passage: string): Promise<boolean> {
  // Firefox keeps style sheets of the page from content scripts, so that there the extension itself adds this one.
  if ('sidebarAction' in chrome) await chrome.scripting.insertCSS({ target: { tabId: tab }, css: HIGHLIGHT_STYLE });
  const reply = await ask<PageReply>('page', tab, { ambit: 'show', passage });
  return 'shown' in reply && reply.shown;
}

/**
 * The fields that a person sees in the page of a tab.
 * @throws as `snapshotOf`
 */
export async function fieldsOf(tab: number): Promise<FormField[]> {
  const reply = await ask<FormReply>('forms', tab, { ambit: 'fields' });
  if (!('fields' in reply)) throw new Error('the fields were not read');
  return reply.fields;
}

/**
 * Fills fields with what the person confirmed.
 * @throws as `snapshotOf`
 */
export async function fill(tab: number, entries: FillEntry[]): Promise<FillReport> {
  const reply = await ask<FormReply>('forms', tab, { ambit: 'fill', entries });
  if (!('filled' in reply)) throw new Error('nothing was filled in');
  return reply.filled;
}

/**
 * Puts back what stood in the fields that were filled.
 * @throws as `snapshotOf`
 */
export async function undo(tab: number): Promise<UndoReport> {
  const reply = await ask<FormReply>('forms', tab, { ambit: 'undo' });
  if (!('undone' in reply)) throw new Error('nothing was undone');
  return reply.undone;
}
