import type { Mention } from '../../backend/types';
import { i18n } from '../../i18n/i18n.svelte';
import { isAttached, nameOf } from '../about/mention';
import { splitPath } from '../preview/place';
import type { Chat } from './chat.svelte';
import type { LiveTurn } from './turn.svelte';

/** Characters of a heading, at most. */
const HEADING = 80;
/** Characters of a file's name, at most: no file system takes more than 255 bytes. */
const NAME = 60;

/** A conversation as Markdown, with its sources. */
export function toMarkdown(chat: Chat): string {
  const parts = [`# ${chat.title}`];
  for (const turn of chat.turns) {
    // An imported chat may begin with an answer.
    if (turn.question !== '') parts.push(...question(turn.question));
    parts.push(provenance(turn));
    if (turn.text) parts.push(turn.text.trim());
    const citations = turn.answer?.citations ?? [];
    if (citations.length > 0) {
      parts.push(
        citations.map(({ number, path, span }) => `${number}. ${shown(path)}:${span.start}-${span.end}`).join('\n'),
      );
    }
  }
  return `${parts.join('\n\n')}\n`;
}

/** A question as a heading, and as a quotation below it where the heading has not all of it. */
function question(text: string): string[] {
  const whole = text.trim();
  const first = whole.split('\n', 1)[0]?.trim() ?? '';
  const letters = Array.from(first);
  const heading = `## ${letters.length > HEADING ? `${letters.slice(0, HEADING).join('')}…` : first}`;
  if (first === whole && letters.length <= HEADING) return [heading];
  return [heading, whole.replace(/^/gm, '> ').replace(/ +$/gm, '')];
}

/** When something was asked, what it is about, and who wrote the answer. */
function provenance(turn: LiveTurn): string {
  const origin = turn.answer?.origin;
  const writer = origin?.kind === 'model' ? origin.model : origin?.kind === 'imported' ? origin.by : null;
  const told = [i18n.moment(turn.askedAt), ...turn.about.map(named), ...(writer === null ? [] : [writer])];
  return `*${told.map(plain).join(' · ')}*`;
}

function named(mention: Mention): string {
  const kind = i18n.t.about.kinds[mention.kind];
  return mention.kind === 'memory' ? kind : `${kind}: ${nameOf(mention)}`;
}

/** A text that Markdown leaves as it is. */
function plain(text: string): string {
  return text.replace(/[\\*_`[\]<]/g, '\\$&').replaceAll('\n', ' ');
}

/** An attachment's path is the host's own affair. */
function shown(path: string): string {
  return isAttached(path) ? splitPath(path).name : path;
}

/** A name for the file of a conversation that every file system takes. */
export function fileName(title: string): string {
  const words = title.replace(/[^\p{L}\p{M}\p{N}]+/gu, '-').replace(/^-|-$/g, '');
  const name = Array.from(words).slice(0, NAME).join('');
  // Windows takes these for devices, whatever comes behind them.
  const isDevice = /^(con|prn|aux|nul|com\d|lpt\d)$/i.test(name);
  return `${isDevice ? 'chat-' : ''}${name || 'chat'}.md`;
}
