import { expect, test } from 'vitest';
import { HostError, type Backend, type HostRequest } from '../../backend/backend';
import { Host } from '../../backend/host';
import type { Mention } from '../../backend/types';
import { About } from './about.svelte';
import { LARGEST_FILE } from './attachment';
import { isAttached } from './mention';

/** A host that keeps attachments, but refuses those that are called so. */
class Keeper implements Backend {
  kept = new Map<string, string>();
  refused = new Set<string>();

  async request({ method, path, body }: HostRequest): Promise<unknown> {
    const id = path.replace('/v1/attachments', '').slice(1);
    if (method === 'DELETE') return void this.kept.delete(id);
    if (method === 'GET') {
      if (!this.kept.has(id)) throw new HostError('not-found', 'there is no such attachment');
      return { id };
    }
    const { name, content } = body as { name: string; content: string };
    if (this.refused.has(name)) throw new HostError('invalid-input', `${name}: it is damaged`);
    const given = `id-${this.kept.size + 1}`;
    this.kept.set(given, `${name} ${content}`);
    return { id: given, name, size: 1, image: name.endsWith('.png') ? 'image/png' : null };
  }

  async *stream(): AsyncGenerator<unknown> {
    throw new Error('nothing is asked here');
  }
}

const file: Mention = { kind: 'file', path: '/home/ada/plan.md' };
const found = (...files: File[]): { files: File[]; leftOut: number; isMore: boolean } => ({
  files,
  leftOut: 0,
  isMore: false,
});

test('files are handed over in their order, and what the host knows is kept', async () => {
  const keeper = new Keeper();
  const kept: Mention[][] = [];
  const about = new About([file], (mentions) => kept.push(mentions));
  about.attach(new Host(keeper), found(new File(['soil'], 'soil.md'), new File(['bits'], 'bed.png')));
  expect([about.isComing, about.mentions]).toEqual([true, [file]]);
  expect(await about.settled()).toBe(true);
  expect([...keeper.kept.values()]).toEqual(['soil.md c29pbA==', 'bed.png Yml0cw==']);
  const soil = { kind: 'attachment', id: 'id-1', name: 'soil.md', is_image: false };
  const bed = { kind: 'attachment', id: 'id-2', name: 'bed.png', is_image: true };
  expect(kept.at(-1)).toEqual([file, soil, bed]);
  expect(about.hasImages).toBe(true);
});

test('one that is refused can be tried again, or removed; one that is there goes from the host as well', async () => {
  const keeper = new Keeper();
  const host = new Host(keeper);
  const about = new About();
  keeper.refused.add('torn.pdf');
  about.attach(host, found(new File(['a'], 'torn.pdf'), new File(['b'], 'whole.md')));
  expect(await about.settled()).toBe(false);
  const [torn, whole] = about.things;
  expect(torn?.failure).toMatchObject({ message: 'torn.pdf: it is damaged' });
  expect(about.mentions.length).toBe(1);
  keeper.refused.clear();
  about.retry(host, torn!);
  expect(await about.settled()).toBe(true);
  about.remove(host, whole!);
  expect([...keeper.kept.values()]).toEqual(['torn.pdf YQ==']);
  expect(about.mentions).toEqual([{ kind: 'attachment', id: 'id-2', name: 'torn.pdf', is_image: false }]);
});

test('what is too large is not sent, and the rest has no room', async () => {
  const keeper = new Keeper();
  const about = new About();
  const large = new File(['x'], 'large.iso');
  Object.defineProperty(large, 'size', { value: LARGEST_FILE + 1 });
  about.attach(new Host(keeper), found(large, ...Array.from({ length: 40 }, (_, it) => new File(['x'], `${it}.md`))));
  expect(about.things.length).toBe(32);
  expect(about.leftOut).toEqual({ leftOut: 9, isMore: false });
  expect(await about.settled()).toBe(false);
  expect(String(about.things[0]?.failure)).toContain('Index its folder instead');
  expect(keeper.kept.size).toBe(31);
});

test('nothing is mentioned twice, and what was sent comes back before what was added since', () => {
  const about = new About();
  about.add(file);
  about.add(file);
  expect(about.mentions).toEqual([file]);
  const taken = about.take();
  const folder: Mention = { kind: 'folder', path: '/home/ada' };
  about.add(folder);
  about.putBack([...taken, folder]);
  expect(about.mentions).toEqual([file, folder]);
});

test('an attachment that the host has dropped says so', async () => {
  const about = new About([{ kind: 'attachment', id: 'old', name: 'old.md' }, file]);
  await about.check(new Host(new Keeper()));
  expect(about.things[0]?.failure).toBeInstanceOf(HostError);
  expect([about.hasFailed, about.mentions]).toEqual([true, [file]]);
});

test('what the host keeps of conversations is known by its path', () => {
  const id = '019ac4f2-93ab-7ccd-8b1f-1234567890ab';
  expect(isAttached(`/ambit/attachments/${id}/plan.md`)).toBe(true);
  expect(isAttached(`/home/ada/ambit/attachments/${id}/plan.md`)).toBe(false);
});
