import { expect, test } from 'vitest';
import { locateServer } from './locate';

/** A search on a machine that has these programs; a link is one whose value is another path. */
function search(programs: Record<string, string>, configured = ''): Promise<string | null> {
  return locateServer({
    configured,
    path: '/usr/bin:relative:/opt/bin',
    home: '/home/ada',
    resolve: (path) => Promise.resolve(programs[path] ?? null),
  });
}

const at = (path: string): Record<string, string> => ({ [path]: path });

test('the server is found on PATH first, then where `make install` puts it', async () => {
  const [path, home] = ['/opt/bin/ambit-lsp', '/home/ada/.local/bin/ambit-lsp'];
  expect(await search({ ...at(path), ...at(home) })).toBe(path);
  expect(await search(at(home))).toBe(home);
});

test('the server is found beside the program that a link on PATH leads to', async () => {
  const beside = '/srv/ambit/ambit-lsp';
  expect(await search({ '/usr/bin/ambit': '/srv/ambit/ambit', ...at(beside) })).toBe(beside);
  expect(await search({ '/usr/bin/ambit': '/srv/ambit/ambit' })).toBeNull();
});

test('what the setting names counts alone, and has to be a path of the machine', async () => {
  const named = '/home/ada/bin/ambit-lsp';
  const programs = { ...at('/opt/bin/ambit-lsp'), ...at(named), ...at('bin/ambit-lsp') };
  expect(await search(programs, '~/bin/ambit-lsp')).toBe(named);
  expect(await search(programs, '/nowhere/ambit-lsp')).toBeNull();
  expect(await search(programs, 'bin/ambit-lsp')).toBeNull();
});

test('a program below a relative folder of PATH is not run', async () => {
  expect(await search(at('relative/ambit-lsp'))).toBeNull();
});
