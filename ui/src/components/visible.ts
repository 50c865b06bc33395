// Characters that make others read differently, or that nobody sees: what is shown must be what is there.

/** Marks of direction that change nothing but blanks and punctuation, and places where a word may be cut. */
const HARMLESS = /[\u00ad\u061c\u200e\u200f]/g;
/** Joins or parts letters and signs of scripts and pictures that need it. */
const JOINER = /(?<=[^\p{ASCII}])[\u200c\u200d](?=[^\p{ASCII}])/u;
const HIDDEN =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u115f\u1160\u180b-\u180f\u200b-\u200d\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\u{e0000}-\u{e0fff}]/gu;
const BREAK = /[\t\n]/g;
/** What stands for a character that cannot be shown. */
const INSTEAD = '\ufffd';

/** A text with each hidden character replaced by a sign that is seen. */
export function visible(text: string): string {
  return text.replace(HARMLESS, '').replace(HIDDEN, (hidden, at: number, whole: string) => {
    if (hidden !== '\u200c' && hidden !== '\u200d') return INSTEAD;
    return JOINER.test(whole.slice(Math.max(0, at - 2), at + 3)) ? hidden : INSTEAD;
  });
}

/** A name from elsewhere, as of a file: `visible`, and on one line. */
export function visibleName(name: string): string {
  return visible(name).replace(BREAK, INSTEAD);
}
