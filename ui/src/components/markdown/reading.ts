import type { Token, Tokens } from 'marked';
import { lex, type Definitions } from './lexer';

/** So many tokens are drawn anew at most when others are settled behind them. */
const GROUP = 40;

/**
 * Reads a text that grows. HTML in it stays text: nothing here, and nothing that shows these tokens, makes markup of it.
 *
 * Only the end is read again, from where nothing that comes can change what is before; and tokens that are the same stay the
 * same objects, so that only the end is drawn again.
 */
export class Reading {
  private source = '';
  /** How much of the text is settled, and as what. */
  private settledLength = 0;
  private settled: Token[][] = [];
  private definitions: Definitions = none();
  private end: Token[] = [];
  /** Whether an address came after what may be a link to it. */
  private isOutdated = false;

  /**
   * Reads the text as it is now; `isWhole` tells that no more will come. The tokens come in groups, of which those that are
   * settled stay the same arrays.
   */
  read(text: string, isWhole = true): Token[][] {
    const source = text.replace(/\r\n?/g, '\n');
    if (!source.startsWith(this.source)) this.forget();
    this.source = source;
    this.extend(source, isWhole);
    if (isWhole && this.isOutdated) {
      this.forget();
      this.source = source;
      this.extend(source, true);
    }
    return [...this.settled, this.end];
  }

  private extend(source: string, isWhole: boolean): void {
    const tokens = lex(source.slice(this.settledLength), this.definitions);
    if (this.settled.length > 0 && definitionsIn(tokens).length > 0) this.isOutdated = true;
    // An address that came changes how the same characters read.
    const before = this.isOutdated ? [] : this.end;
    const read = tokens.map((token, index) => {
      const old = before[index];
      return old && old.type === token.type && old.raw === token.raw ? old : token;
    });
    const border = isWhole ? 0 : settledIn(read);
    const settled = read.slice(0, border);
    this.end = read.slice(border);
    this.settle(settled);
    this.settledLength += settled.reduce((sum, token) => sum + token.raw.length, 0);
    for (const { tag, href, title } of definitionsIn(settled)) this.definitions[tag] ??= { href, title };
  }

  private settle(tokens: Token[]): void {
    const last = this.settled.at(-1);
    if (tokens.length === 0) return;
    if (last && last.length < GROUP) this.settled.splice(-1, 1, [...last, ...tokens]);
    else this.settled.push(tokens);
  }

  private forget(): void {
    this.source = '';
    this.settledLength = 0;
    this.settled = [];
    this.definitions = none();
    this.end = [];
    this.isOutdated = false;
  }
}

/** A label may be any word, so nothing else may be known by one. */
function none(): Definitions {
  return Object.create(null) as Definitions;
}

/**
 * How many of the tokens stay as they are whatever follows: those before the last block that a blank line ends. A list or
 * indented code goes on after a blank line, and only the next whole line tells whether it does.
 */
function settledIn(tokens: Token[]): number {
  const last = tokens.findLastIndex((token) => token.type === 'space');
  return last < 0 ? 0 : tokens.slice(0, last).findLastIndex((token) => token.type === 'space') + 1;
}

function definitionsIn(tokens: Token[]): Tokens.Def[] {
  return tokens.flatMap((token) => {
    if (token.type === 'def') return [token as Tokens.Def];
    if (token.type === 'list') return definitionsIn((token as Tokens.List).items);
    const mayHold = token.type === 'blockquote' || token.type === 'list_item';
    return definitionsIn((mayHold ? token.tokens : undefined) ?? []);
  });
}
