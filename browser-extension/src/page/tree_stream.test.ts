import { describe, expect, it } from 'vitest';
import { treeOf } from '../../tests/page/html';
import { bodyOf, TreeReader, TreeWriter } from './tree_stream';
import type { PageElement } from './types';

describe('a tree that is told in pieces', () => {
  const tree = treeOf(
    '<h1>One <i>two</i></h1><pre> three\n</pre><p>See <a href="https://a.test/">four</a><br>five</p>',
  );

  it('is the same afterwards', () => {
    const reader = new TreeReader();
    reader.add(new TreeWriter(tree, () => false).next());
    expect(reader.root).toEqual(tree);
  });

  it('is told as it grows, without what may still be left out', () => {
    const open = new Set<PageElement>();
    const root = bodyOf();
    const writer = new TreeWriter(root, (element) => open.has(element));
    const reader = new TreeReader();
    const shown = (): unknown => {
      reader.add(JSON.parse(JSON.stringify(writer.next())) as ReturnType<TreeWriter['next']>);
      return structuredClone(reader.root.children);
    };
    const list: PageElement = { tag: 'ul', attributes: {}, children: [], isBlock: true };
    const item: PageElement = { tag: 'li', attributes: {}, children: [] };
    root.children.push('Before', list);
    open.add(list);
    expect(shown()).toEqual(['Before']);
    list.children.push(item);
    open.add(item);
    expect(shown()).toEqual(['Before']);
    list.children.pop();
    list.children.push('a text');
    expect(shown()).toEqual(['Before', list]);
    open.clear();
    list.keepsSpace = true;
    root.children.push('After');
    expect(shown()).toEqual(['Before', list, 'After']);
  });

  it.each([1, 2, 3])('waits for what holds nothing but empty things, %i levels deep', (levels) => {
    const open = new Set<PageElement>();
    const root = bodyOf();
    const writer = new TreeWriter(root, (element) => open.has(element));
    const reader = new TreeReader();
    let around = root;
    const chain: PageElement[] = [];
    for (let level = 0; level <= levels; level++) {
      const element: PageElement = { tag: 'div', attributes: {}, children: [], isBlock: true };
      around.children.push(element);
      open.add(element);
      chain.push(element);
      around = element;
    }
    reader.add(writer.next());
    expect(reader.root.children).toEqual([]);
    // All of them end empty, and what comes then takes their place.
    open.clear();
    root.children.pop();
    const [outer, inner] = chain as [PageElement, PageElement];
    outer.children.pop();
    root.children.push(outer);
    open.add(outer);
    reader.add(writer.next());
    expect(reader.root.children).toEqual([]);
    outer.children.push('kept', inner);
    reader.add(writer.next());
    root.children.push({ tag: 'p', attributes: {}, children: ['Important'], isBlock: true });
    open.clear();
    reader.add(writer.next());
    expect(reader.root).toEqual(root);
  });

  it('begins anew when it is told so', () => {
    const reader = new TreeReader();
    reader.add(new TreeWriter(tree, () => false).next());
    reader.add(new TreeWriter(treeOf('<p>Other</p>'), () => false).next());
    expect(reader.root).toEqual(treeOf('<p>Other</p>'));
  });

  it('may be as deep as it likes, and ends nothing that did not begin', () => {
    const deep = treeOf(`${'<b>'.repeat(400)}x`);
    const reader = new TreeReader();
    const { tokens } = new TreeWriter(deep, () => false).next();
    reader.add({ isFirst: true, tokens: [0, 0, ...tokens, 0, 0, 'y'] });
    expect(reader.root.children).toEqual([...deep.children, 'y']);
  });
});
