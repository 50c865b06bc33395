/** A press of a key, as far as it tells which keys are meant. */
type Press = Pick<KeyboardEvent, 'key' | 'code' | 'ctrlKey' | 'altKey' | 'shiftKey' | 'metaKey'>;

/**
 * The keys that are pressed, as the setting of the launcher's shortcut names them: `Ctrl+Shift+Space`. Null while only those are
 * held that other keys are held with, and for a key alone that programs need: it would be taken from all of them.
 */
export function keysOf(press: Press): string | null {
  const name = nameOf(press);
  const held = [
    press.ctrlKey && 'Ctrl',
    press.altKey && 'Alt',
    press.shiftKey && 'Shift',
    press.metaKey && 'Super',
  ].filter((key) => key !== false);
  const isOfItself = /^F\d+$/.test(name ?? '');
  const isHeld = press.ctrlKey || press.altKey || press.metaKey;
  return name === null || !(isHeld || isOfItself) ? null : [...held, name].join('+');
}

function nameOf({ key, code }: Press): string | null {
  // A letter is where the layout has it; of other keys Shift changes what they say, but not where they are.
  if (/^[a-z]$/i.test(key)) return key.toUpperCase();
  if (/^Digit\d$/.test(code)) return code.slice(5);
  if (
    /^(F\d+|Arrow\w+|Numpad\d|Space|Enter|Home|End|PageUp|PageDown|Insert|Delete|Backspace|Backquote|Minus|Equal|Comma|Period|Slash|Backslash|Semicolon|Quote|BracketLeft|BracketRight)$/.test(
      code,
    )
  )
    return code;
  return null;
}
