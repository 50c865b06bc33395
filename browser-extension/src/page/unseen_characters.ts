// Written with escapes throughout, as none of these characters can be seen in the source either.

/**
 * Controls, soft hyphens, marks and switches of direction, zero-width spaces and invisible operators, fillers of
 * Hangul, annotations, shorthand and musical controls, tags, and the private planes.
 */
const NEVER_SEEN =
  /[\u0000-\u0008\u000B\u000E-\u001F\u007F-\u009F\u00AD\u034F\u061C\u115F\u1160\u17B4\u17B5\u180B-\u180F\u200B\u200E\u200F\u202A-\u202E\u2060-\u206F\u3164\uFEFF\uFFA0\uFFF0-\uFFFC\u{1BCA0}-\u{1BCA3}\u{1D173}-\u{1D17A}\u{E0000}-\u{E00FF}\u{E01F0}-\u{E0FFF}\u{F0000}-\u{10FFFF}]/gu;

/** A joiner shapes letters of these scripts, and joins emoji into one. */
const STRAY_NON_JOINER =
  /(?<![\p{Script=Arabic}\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Malayalam}\p{Script=Kannada}\p{Script=Telugu}\p{Script=Tamil}\p{Script=Gujarati}\p{Script=Sinhala}\p{Script=Khmer}\p{Script=Mongolian}\p{M}])\u200C|\u200C(?!\p{L})/gu;
const STRAY_JOINER =
  /(?<![\p{Extended_Pictographic}\p{Emoji_Modifier}\uFE0F\p{Script=Arabic}\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Malayalam}\p{Script=Kannada}\p{Script=Telugu}\p{Script=Sinhala}\p{M}])\u200D|\u200D(?![\p{Extended_Pictographic}\p{L}\u2640\u2642])/gu;

/** A selector of a variant stands after what has variants: one after an emoji, a digit of a key, or an ideograph. */
const STRAY_SELECTOR =
  /(?<![\p{Emoji}\p{Script=Han}\p{Script=Mongolian}\p{Sm}])[\uFE00-\uFE0F]|(?<!\p{Script=Han})[\u{E0100}-\u{E01EF}]/gu;

const SUSPICIOUS =
  /[\u0000-\u0008\u000B\u000E-\u001F\u007F-\u009F\u00AD\u034F\u061C\u115F\u1160\u17B4\u17B5\u180B-\u180F\u200B-\u200F\u202A-\u202E\u2060-\u206F\u3164\uFE00-\uFE0F\uFEFF\uFFA0\uFFF0-\uFFFC\uD82F\uD834\uDB40-\uDBFF]/;

/** The text without the characters that cannot be seen. Joiners stay where they shape letters or join emoji. */
export function withoutUnseen(text: string): string {
  if (!SUSPICIOUS.test(text)) return text;
  return text
    .replace(NEVER_SEEN, '')
    .replace(STRAY_NON_JOINER, '')
    .replace(STRAY_JOINER, '')
    .replace(STRAY_SELECTOR, '');
}
