import { isAttached } from '../about/mention';
import { splitPath } from '../preview/place';
import type { Chat } from './chat.svelte';

/** A conversation as Markdown, with its sources. */
export function toMarkdown(chat: Chat): string {
  const parts = [`# ${chat.title}`];
  for (const turn of chat.turns) {
    // An imported chat may begin with an answer.
    if (turn.question !== '') parts.push(`## ${turn.question.replaceAll('\n', ' ')}`);
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

/** An attachment's path is the host's own affair. */
function shown(path: string): string {
  return isAttached(path) ? splitPath(path).name : path;
}

/** A name for the file of a conversation that every file system takes. */
export function fileName(title: string): string {
  const name = title
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 60);
  return `${name || 'chat'}.md`;
}
