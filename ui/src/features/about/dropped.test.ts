import { expect, test } from 'vitest';
import { droppedIn, filesIn, filesOf, pasted, type Dropped } from './dropped';

type Tree = { [name: string]: Tree | string };

/** Entries as a browser gives them: of a folder, two at a time. */
function entriesOf(tree: Tree): FileSystemEntry[] {
  return Object.entries(tree).map(([name, inside]) => {
    if (typeof inside === 'string') {
      const file = (found: (file: File) => void): void => found(new File([inside], name));
      return { name, isFile: true, isDirectory: false, file } as unknown as FileSystemEntry;
    }
    const createReader = (): { readEntries: (found: (entries: FileSystemEntry[]) => void) => void } => {
      const left = entriesOf(inside);
      return { readEntries: (found) => found(left.splice(0, 2)) };
    };
    return { name, isFile: false, isDirectory: true, createReader } as unknown as FileSystemEntry;
  });
}

const treeOf = (tree: Tree): Dropped => ({ files: [], entries: entriesOf(tree) });

const names = (files: File[]): string[] => files.map(({ name }) => name);

test('folders are walked, the nearest first, and what is hidden in them is passed over', async () => {
  const garden = { 'soil.md': 'loam', '.git': { HEAD: 'ref' }, beds: { 'tomatoes.md': 'red' }, 'beans.md': 'green' };
  const found = await filesIn(treeOf({ garden, '.profile': 'own', 'roof.md': 'slate' }), 32);
  expect(names(found.files)).toEqual(['.profile', 'roof.md', 'beans.md', 'soil.md', 'tomatoes.md']);
  expect(found.leftOut).toBe(0);
});

test('no more than there is room for, and the rest is counted', async () => {
  const many = Object.fromEntries(Array.from({ length: 40 }, (_, number) => [`${number + 10}.md`, 'text']));
  const found = await filesIn(treeOf({ many }), 32);
  expect([found.files.length, found.leftOut, found.isMore]).toEqual([32, 8, false]);
  const none = await filesIn(treeOf({ many }), 0);
  expect([none.files.length, none.leftOut]).toEqual([0, 40]);
});

test('who drops a whole disk need not wait until all of it is counted', async () => {
  const many = Object.fromEntries(Array.from({ length: 3000 }, (_, number) => [`${number}.md`, 'text']));
  expect(await filesIn(treeOf({ many }), 0)).toMatchObject({ leftOut: 1000, isMore: true });
});

test('what a program hands over has no place, and counts as well', async () => {
  const [entry] = entriesOf({ 'soil.md': 'loam' });
  const items = [
    { webkitGetAsEntry: () => null, getAsFile: () => new File(['bits'], 'page.html') },
    { webkitGetAsEntry: () => null, getAsFile: () => null },
    { webkitGetAsEntry: () => entry, getAsFile: () => null },
  ];
  const dropped = droppedIn({ items } as unknown as DataTransfer);
  expect(names((await filesIn(dropped, 32)).files)).toEqual(['page.html', 'soil.md']);
  expect(await filesIn(dropped, 0)).toMatchObject({ files: [], leftOut: 2 });
});

test('a file that cannot be read stands as an empty one', async () => {
  const file = (_: unknown, refused: () => void): void => refused();
  const entry = { name: 'locked.md', isFile: true, isDirectory: false, file } as unknown as FileSystemEntry;
  const { files } = await filesIn({ files: [], entries: [entry] }, 32);
  expect(files.map(({ name, size }) => [name, size])).toEqual([['locked.md', 0]]);
});

test('of a folder that was chosen, what is hidden is passed over', () => {
  const chosen = ['garden/soil.md', 'garden/.git/HEAD', 'garden/beds/beans.md'].map((path) => {
    const file = new File(['text'], path.slice(path.lastIndexOf('/') + 1));
    Object.defineProperty(file, 'webkitRelativePath', { value: path });
    return file;
  });
  expect(names(filesOf(chosen, 1).files)).toEqual(['soil.md']);
  expect(filesOf(chosen, 1).leftOut).toBe(1);
});

test('a picture of a text that is pasted is not meant', () => {
  const file = new File(['bits'], 'image.png');
  const transfer = (...types: string[]): DataTransfer => ({ types, files: [file] }) as unknown as DataTransfer;
  expect(names(pasted(transfer('Files')))).toEqual(['image.png']);
  expect(names(pasted(transfer('text/html', 'Files')))).toEqual(['image.png']);
  expect(pasted(transfer('text/plain', 'text/html', 'Files'))).toEqual([]);
  expect(pasted(null)).toEqual([]);
});
