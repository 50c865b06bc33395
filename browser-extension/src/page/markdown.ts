import { codeOf } from './code';
import { escapedLine } from './escape';
import { gridOf, isData, type Grid } from './grid';
import { BREAK, inline, tidied, type Skip } from './inline';
import { elementsOf, headingLevel, is, lineOf } from './tree';
import type { PageElement, PageNode } from './types';

/**
 * What is seen of an element of a page, as Markdown in the GitHub flavour. Only the structure of the page becomes
 * markup: its texts are escaped. `skip` tells which elements are left out; none when it is not given.
 */
export function markdownOf(root: PageElement, skip: Skip = () => false): string {
  return new Writer(skip).blocks(root, []).join('\n\n');
}

/** Writes blocks one after the other. */
class Writer {
  private readonly held = new WeakMap<PageElement, boolean>();

  constructor(private readonly skip: Skip) {}

  /** The blocks in an element; `around` are its ancestors. */
  blocks(element: PageElement, around: readonly PageElement[]): string[] {
    const blocks: string[] = [];
    const path = [...around, element];
    let run: PageNode[] = [];
    const endRun = (): void => {
      blocks.push(...this.paragraphs(run, element.keepsSpace === true));
      run = [];
    };
    for (const child of element.children) {
      if (typeof child !== 'string' && this.skip(child)) continue;
      if (typeof child === 'string' || !this.isBlock(child)) run.push(child);
      else {
        endRun();
        blocks.push(...this.block(child, path));
      }
    }
    endRun();
    return blocks;
  }

  /** Whether an element stands by itself, or holds one that does. */
  private isBlock(element: PageElement): boolean {
    const known = this.held.get(element);
    if (known !== undefined) return known;
    const isBlock =
      element.isBlock === true ||
      element.tag === 'pre' ||
      elementsOf(element).some((child) => element.tag !== 'svg' && this.isBlock(child));
    this.held.set(element, isBlock);
    return isBlock;
  }

  private block(element: PageElement, around: readonly PageElement[]): string[] {
    const level = headingLevel(element);
    if (level > 0) return this.heading(element, level);
    if (/^(?:table|grid|treegrid)$/.test(element.attributes.role ?? '')) return this.table(element, around);
    switch (element.tag) {
      case 'ul':
      case 'ol':
      case 'menu':
      case 'dir':
        return nonEmpty(this.list(element, around).join('\n'));
      case 'li':
        return this.isInList(around) ? this.blocks(element, around) : nonEmpty(this.item('- ', element, around));
      case 'dl':
        return nonEmpty(this.definitions(element, around).join('\n'));
      case 'table':
        return this.table(element, around);
      case 'pre':
        return nonEmpty(codeOf(element, around));
      case 'blockquote':
        return nonEmpty(prefixed(this.blocks(element, around).join('\n\n'), '> ', '> '));
      case 'hr':
        return ['---'];
      case 'a':
        return this.blocks(withLinkInside(element), around);
      case 'math':
      case 'img':
      case 'code':
        return this.paragraphs([element], false);
      case 'summary':
        return this.strong(element);
      default:
        return this.blocks(element, around);
    }
  }

  private isInList(around: readonly PageElement[]): boolean {
    return around.some(({ tag }) => tag === 'ul' || tag === 'ol' || tag === 'menu');
  }

  private heading(element: PageElement, level: number): string[] {
    const line = tidied(inline(element.children, this.skip).replaceAll(BREAK, ' '));
    // A number sign at the end would be taken for the end of the heading.
    return line === '' ? [] : [`${'#'.repeat(level)} ${line.replace(/#+$/, '\\$&')}`];
  }

  private strong(element: PageElement): string[] {
    const line = tidied(inline(element.children, this.skip).replaceAll(BREAK, ' '));
    return line === '' ? [] : [`**${line}**`];
  }

  /** A run of text and phrases as paragraphs: two line ends in a row part them. */
  private paragraphs(run: readonly PageNode[], keepsSpace: boolean): string[] {
    if (run.length === 0) return [];
    return tidied(inline(run, this.skip, keepsSpace))
      .split(new RegExp(`${BREAK}(?:\\s*${BREAK})+`))
      .map((paragraph) => paragraph.split(BREAK).map(escapedLine).filter(isNotEmpty).join('\\\n'))
      .filter(isNotEmpty);
  }

  private list(list: PageElement, around: readonly PageElement[]): string[] {
    const path = [...around, list];
    const isOrdered = list.tag === 'ol';
    const items = elementsOf(list).filter((child) => !this.skip(child) && lineOf(child) !== '');
    const isReversed = list.attributes.reversed !== undefined;
    let number = numberIn(list.attributes.start) ?? (isReversed ? items.length : 1);
    return items.flatMap((item) => {
      if (!is(item, 'li') && !isOrdered && is(item, 'ul', 'ol', 'menu')) return this.indented(this.list(item, path));
      number = numberIn(item.attributes.value) ?? number;
      const mark = isOrdered ? `${Math.max(number, 0)}. ` : '- ';
      number += isReversed ? -1 : 1;
      return nonEmpty(this.item(mark, item, path));
    });
  }

  private indented(lines: string[]): string[] {
    return lines.map((line) => prefixed(line, '  ', '  '));
  }

  private item(mark: string, item: PageElement, around: readonly PageElement[]): string {
    const [first, ...rest] = this.blocks(item, around);
    if (first === undefined) return '';
    const content = rest.reduce((text, block) => text + (isTight(block) ? '\n' : '\n\n') + block, first);
    return prefixed(content, mark, ' '.repeat(mark.length));
  }

  private definitions(list: PageElement, around: readonly PageElement[]): string[] {
    const path = [...around, list];
    const lines: string[] = [];
    const write = (parent: PageElement): void => {
      for (const child of elementsOf(parent)) {
        if (this.skip(child)) continue;
        if (child.tag === 'dt') lines.push(...this.strong(child).map((term) => `- ${term}`));
        else if (child.tag === 'dd') {
          const block = this.blocks(child, path).join('\n\n');
          if (block !== '')
            lines.push(lines.length === 0 ? prefixed(block, '- ', '  ') : prefixed(block, '  - ', '    '));
        } else write(child);
      }
    };
    write(list);
    return lines;
  }

  private table(table: PageElement, around: readonly PageElement[]): string[] {
    const grid = gridOf(table);
    const path = [...around, table];
    const caption = grid.caption ? this.blocks(grid.caption, path) : [];
    if (isData(table, grid)) return [...caption, ...nonEmpty(this.pipes(grid))];
    const cells = grid.rows.flat().filter((cell) => cell?.isFirst);
    const inCells = cells.flatMap((cell) => (cell ? this.blocks(cell.element, path) : []));
    // What a page lays out as a table without any rows is told as it stands.
    return cells.length > 0 ? [...caption, ...inCells] : this.blocks(table, around);
  }

  /** A table of data. A cell that spans rows is written in each, and a head in each column; others in their first. */
  private pipes({ rows, heads }: Grid): string {
    const width = Math.max(0, ...rows.map((row) => row.length));
    const written = rows.map((row, index) =>
      Array.from({ length: width }, (_, column) => {
        const cell = row[column];
        return cell && (cell.isLeading || index < heads) ? this.cell(cell.element) : '';
      }),
    );
    const head = headRow(written.slice(0, heads), width);
    const body = written.slice(heads).filter((row) => row.some(isNotEmpty));
    if (body.length === 0 && !head.some(isNotEmpty)) return '';
    const line = (cells: string[]): string => `| ${cells.join(' | ')} |`;
    return [line(head), line(Array.from({ length: width }, () => '---')), ...body.map(line)].join('\n');
  }

  private cell(element: PageElement): string {
    const line = tidied(inline(element.children, this.skip, element.keepsSpace).replaceAll(BREAK, ' '));
    // Only within code is this sign not escaped yet.
    return line.replace(/(?<!\\)((?:\\\\)*)\|/g, '$1\\|');
  }
}

/** One row of heads for all that are above each other. */
function headRow(rows: string[][], width: number): string[] {
  return Array.from({ length: width }, (_, column) => {
    const above = rows.map((row) => row[column] ?? '').filter(isNotEmpty);
    return [...new Set(above)].join(' ');
  });
}

/** Moves a link that holds blocks into the first of them that holds text. */
function withLinkInside(link: PageElement): PageElement {
  const { href } = link.attributes;
  let isPlaced = href === undefined;
  const inside = (element: PageElement): PageElement => {
    if (isPlaced) return element;
    if (element.children.some((child) => typeof child === 'string' && child.trim() !== '')) {
      isPlaced = true;
      const holder: PageElement = { tag: 'a', attributes: { href: href! }, children: element.children };
      return { ...element, children: [holder] };
    }
    return {
      ...element,
      children: element.children.map((child) => (typeof child === 'string' ? child : inside(child))),
    };
  };
  return inside({ ...link, tag: 'div', attributes: {} });
}

/** Whether a block of an item is a list, which follows without an empty line. */
function isTight(block: string): boolean {
  return /^(?:- |\d+\. )/.test(block);
}

function prefixed(text: string, first: string, rest: string): string {
  return text
    .split('\n')
    .map((line, index) => (index === 0 ? first + line : `${line === '' ? rest.trimEnd() : rest + line}`))
    .join('\n');
}

function numberIn(written: string | undefined): number | null {
  const number = Number.parseInt(written ?? '', 10);
  return Number.isNaN(number) || number > 999_999_999 ? null : number;
}

function isNotEmpty(text: string): boolean {
  return text.trim() !== '';
}

function nonEmpty(text: string): string[] {
  return isNotEmpty(text) ? [text] : [];
}
