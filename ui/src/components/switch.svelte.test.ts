import { flushSync, mount, unmount } from 'svelte';
import { afterEach, expect, test } from 'vitest';
import Switch from './Switch.svelte';

let shown: Record<string, unknown> | null = null;

afterEach(() => {
  if (shown) void unmount(shown);
  document.body.replaceChildren();
});

test('a switch shows what is: it turns when that holds, and stays where it was refused', () => {
  const state = $state({ checked: false });
  const asked: boolean[] = [];
  shown = mount(Switch, {
    target: document.body,
    props: {
      label: 'Offline',
      get checked() {
        return state.checked;
      },
      onchange: (wanted: boolean) => asked.push(wanted),
    },
  });
  const input = document.querySelector('input') as HTMLInputElement;
  input.click();
  flushSync();
  expect([asked, input.checked], 'asked for, and not so yet').toEqual([[true], false]);
  state.checked = true;
  flushSync();
  expect(input.checked).toBe(true);
  input.click();
  flushSync();
  expect([asked, input.checked], 'refused').toEqual([[true, false], true]);
});
