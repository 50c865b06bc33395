/** In UTF-16 units: longer patterns and values are not tried. */
const LONGEST = 200;

/** Whether a value has the form that a page demands; null when trying it could take too long to be told. */
export function hasForm(value: string, pattern: string): boolean | null {
  if (pattern.length > LONGEST || value.length > LONGEST || !isQuick(pattern)) return null;
  try {
    return new RegExp(`^(?:${pattern})$`, 'v').test(value);
  } catch {
    // Browsers pay no heed to a pattern that is none.
    return true;
  }
}

/** Whether no value makes a pattern take long: no repetition within another, no reference back, few that are unbounded. */
function isQuick(pattern: string): boolean {
  const bare = pattern.replace(/\\[^1-9k]/g, 'x').replace(/\[[^\]]*\]/g, 'x');
  if (/\\[1-9k]|\(\?<?[=!]/.test(bare)) return false;
  if ((bare.match(/[*+]|\{\d*,\d*\}/g) ?? []).length > 4) return false;
  return !hasNestedRepetition(bare);
}

function hasNestedRepetition(bare: string): boolean {
  const opened: boolean[] = [];
  let isRepeating = false;
  for (let at = 0; at < bare.length; at += 1) {
    const sign = bare.charAt(at);
    if (sign === '(') {
      opened.push(isRepeating);
      isRepeating = false;
    } else if (sign === ')') {
      const isRepeated = /^[*+{]/.test(bare.slice(at + 1));
      const holds: boolean = isRepeating;
      if (isRepeated && (holds || groupHasChoice(bare, at))) return true;
      isRepeating = (opened.pop() ?? false) || holds || isRepeated;
    } else if (sign === '*' || sign === '+' || sign === '{') isRepeating = true;
  }
  return false;
}

/** Whether the group that ends there has alternatives. */
function groupHasChoice(bare: string, end: number): boolean {
  let depth = 0;
  for (let at = end; at >= 0; at -= 1) {
    const sign = bare.charAt(at);
    if (sign === ')') depth += 1;
    else if (sign === '(') depth -= 1;
    else if (sign === '|' && depth === 1) return true;
    if (depth === 0) return false;
  }
  return false;
}
