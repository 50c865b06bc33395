import { Lexer, Marked, Tokenizer, type MarkedExtension, type Token, type Tokens, type TokensList } from 'marked';

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

/** Addresses of links by their labels. */
export type Definitions = TokensList['links'];

/** What is nested deeper is shown as it is: to read and draw it would end at the end of the stack. */
const DEEPEST = 50;
/** Longer formulas are none; to look for their ends would take long where there are none. */
const LONGEST_FORMULA = 4_000;
/** A longer paragraph is shown as it is. */
const LONGEST_PARAGRAPH = 20_000;
/** What is read of paragraphs in all, in characters, each as often as there may be reasons to read to the paragraph's end. */
const MOST_IN_PARAGRAPHS = 1e8;
/** What is read of blocks in all, in characters; each level of nesting reads what is in it again. */
const MOST_IN_BLOCKS = 3_000_000;
/** What is read and copied, in characters, where lines are put to the paragraph before them one by one. */
const MOST_IN_LINES = 2e7;
/** So many lines may follow each other without a blank one: an item of a list is copied for each of its lines. */
const MOST_LINES = 6_000;

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

/** What stands between two marks at the beginning of a text, over lines but not over a blank one. */
function enclosed(source: string, open: string, close: string): string | null {
  if (!source.startsWith(open)) return null;
  const found = source.slice(0, LONGEST_FORMULA).indexOf(close, open.length + 1);
  const inner = found < 0 ? '' : source.slice(open.length, found);
  return inner.trim() === '' || /\n[ \t]*\n/.test(inner) ? null : inner;
}

/** A formula on lines of its own, or in the midst of a line, at the beginning of a text. */
function displayed(source: string): { raw: string; tex: string } | null {
  const [dollars, brackets] = [enclosed(source, '$$', '$$'), enclosed(source, '\\[', '\\]')];
  const inner = dollars ?? brackets;
  return inner === null ? null : { raw: source.slice(0, inner.length + 4), tex: inner.trim() };
}

// As pandoc has it: no blank after the first dollar sign nor before the last, and no digit after it, so that prices are none.
const math: MarkedExtension = {
  extensions: [
    {
      name: 'displayMath',
      level: 'block',
      // In the midst of a paragraph it is what stands in a line. To look for it there would take paragraphs apart.
      tokenizer(source) {
        const indent = /^ {0,3}/.exec(source)?.[0] ?? '';
        const found = displayed(source.slice(indent.length, indent.length + LONGEST_FORMULA));
        if (!found) return undefined;
        const raw = indent + found.raw;
        const rest = /^[ \t]*(?:\n|$)/.exec(source.slice(raw.length));
        return rest ? { type: 'math', raw: raw + rest[0], tex: found.tex, display: true } : undefined;
      },
    },
    {
      name: 'inlineMath',
      level: 'inline',
      start: (source) => /\$|\\[([]/.exec(source)?.index,
      tokenizer(source) {
        const block = displayed(source);
        if (block) return { type: 'math', ...block, display: true };
        const bracketed = enclosed(source, '\\(', '\\)');
        if (bracketed !== null)
          return { type: 'math', raw: source.slice(0, bracketed.length + 4), tex: bracketed, display: false };
        const found = /^\$(?![\s$])((?:\\.|[^\\$\n])*?[^\s\\$])\$(?!\d)/.exec(source);
        return found ? { type: 'math', raw: found[0], tex: found[1] ?? '', display: false } : undefined;
      },
    },
  ],
};

const { defaults } = new Marked({ gfm: true, breaks: false }, citation, math);

/** HTML that is shown as its text, so whatever is to be shown as it is. */
function plain(source: string): Tokens.HTML {
  return { type: 'html', raw: source, text: source, block: true, pre: false };
}

/** How often a paragraph may be read to its end: by each character that may begin something, and along its longest word. */
function reasons(source: string): number {
  const marks = source.match(/[_*~`<[\\$!]/g)?.length ?? 0;
  return marks + source.split(/\s+/).reduce((longest, word) => Math.max(longest, word.length), 0);
}

class BoundedTokenizer extends Tokenizer {
  private inLines = 0;

  // The first that a block is asked for.
  override space(source: string): Tokens.Space | undefined {
    const last = this.lexer.state.lastToken;
    if ((last?.type === 'paragraph' || last?.type === 'text') && !source.startsWith('\n')) {
      const end = source.indexOf('\n\n');
      this.inLines += last.raw.length + (end < 0 ? source.length : end);
    }
    return this.inLines > MOST_IN_LINES ? (plain(source) as unknown as Tokens.Space) : super.space(source);
  }
}

/** Reads Markdown within bounds: what is nested too deeply, or would take too long, becomes its text. */
class BoundedLexer extends Lexer {
  private depth = 0;
  private inBlocks = 0;
  private inParagraphs = 0;

  override blockTokens(source: string, tokens?: Token[], lastParagraphClipped?: boolean): Token[];
  override blockTokens(source: string, tokens?: TokensList, lastParagraphClipped?: boolean): TokensList;
  override blockTokens(source: string, tokens: Token[] = [], lastParagraphClipped = false): Token[] {
    this.inBlocks += source.length;
    if (this.depth >= DEEPEST || this.inBlocks > MOST_IN_BLOCKS) {
      if (source !== '') tokens.push(plain(source));
      this.state.top = true;
      return tokens;
    }
    return this.within(() => super.blockTokens(source, tokens, lastParagraphClipped));
  }

  override inlineTokens(source: string, tokens: Token[] = []): Token[] {
    const isShort = this.depth < DEEPEST && source.length <= LONGEST_PARAGRAPH;
    const cost = isShort ? reasons(source) * source.length : 0;
    if (!isShort || this.inParagraphs + cost > MOST_IN_PARAGRAPHS) {
      tokens.push({ type: 'text', raw: source, text: source, escaped: false });
      return tokens;
    }
    this.inParagraphs += cost;
    return this.within(() => super.inlineTokens(source, tokens));
  }

  private within<Value>(read: () => Value): Value {
    this.depth++;
    try {
      return read();
    } finally {
      this.depth--;
    }
  }
}

/** Whether more lines than are read follow each other without a blank one. */
function isDense(source: string): boolean {
  let [lines, last] = [0, -1];
  for (let end = source.indexOf('\n'); end >= 0; last = end, end = source.indexOf('\n', end + 1)) {
    lines = end === last + 1 ? 0 : lines + 1;
    if (lines > MOST_LINES) return true;
  }
  return false;
}

/** Reads Markdown into tokens; `definitions` are of text that comes before it. */
export function lex(source: string, definitions?: Definitions): Token[] {
  if (isDense(source)) return [plain(source)];
  const lexer = new BoundedLexer({ ...defaults, tokenizer: new BoundedTokenizer(defaults) });
  Object.assign(lexer.tokens.links, definitions);
  return lexer.lex(source);
}
