import { Marked, type MarkedExtension, type Token, type Tokens } from 'marked';

/** A mark `[n]` that stands for a source. */
export interface CitationToken extends Tokens.Generic {
  type: 'citation';
  number: number;
}

/** A formula in TeX. */
export interface MathToken extends Tokens.Generic {
  type: 'math';
  tex: string;
  display: boolean;
}

const citation: MarkedExtension = {
  extensions: [
    {
      name: 'citation',
      level: 'inline',
      start: (source) => /\[\d/.exec(source)?.index,
      tokenizer(source) {
        const found = /^\[(\d{1,3})\](?!\()/.exec(source);
        return found ? { type: 'citation', raw: found[0], number: Number(found[1]) } : undefined;
      },
    },
  ],
};

// As pandoc has it: no blank after the first dollar sign nor before the last, and no digit after it, so that prices are none.
const math: MarkedExtension = {
  extensions: [
    {
      name: 'displayMath',
      level: 'block',
      start: (source) => /\$\$|\\\[/.exec(source)?.index,
      tokenizer(source) {
        const found = /^ {0,3}(?:\$\$([\s\S]+?)\$\$|\\\[([\s\S]+?)\\\])[ \t]*(?:\n|$)/.exec(source);
        if (!found) return undefined;
        return { type: 'math', raw: found[0], tex: (found[1] ?? found[2] ?? '').trim(), display: true };
      },
    },
    {
      name: 'inlineMath',
      level: 'inline',
      start: (source) => /\$|\\\(/.exec(source)?.index,
      tokenizer(source) {
        const found = /^(?:\$(?![\s$])((?:\\.|[^\\$\n])*?[^\s\\$])\$(?!\d)|\\\((.+?)\\\))/.exec(source);
        return found ? { type: 'math', raw: found[0], tex: found[1] ?? found[2] ?? '', display: false } : undefined;
      },
    },
  ],
};

const marked = new Marked({ gfm: true, breaks: false }, citation, math);

/**
 * Reads Markdown into tokens. HTML in it stays text: nothing here, and nothing that shows these tokens, makes markup of it.
 *
 * `before` is what was read of a shorter beginning of the text; tokens that are the same are taken over from it as they
 * are, so that while an answer streams only its end is drawn again.
 */
export function parse(source: string, before: Token[] = []): Token[] {
  const tokens: Token[] = marked.lexer(source);
  return tokens.map((token, index) => {
    const old = before[index];
    return old && old.type === token.type && old.raw === token.raw ? old : token;
  });
}

/** The address of a link if following it is harmless, otherwise null. */
export function safeAddress(address: string): string | null {
  try {
    const url = new URL(address);
    return ['http:', 'https:', 'mailto:'].includes(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: '\u00a0' };

/** Text with its character references resolved, which Markdown knows outside code. */
export function unescaped(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#[xX]([\da-fA-F]{1,6})|(\w+));/g, (whole, decimal, hexadecimal, name) => {
    if (name !== undefined) return ENTITIES[name as string] ?? whole;
    const point = decimal !== undefined ? Number(decimal) : parseInt(hexadecimal as string, 16);
    return point > 0 && point <= 0x10ffff ? String.fromCodePoint(point) : whole;
  });
}
