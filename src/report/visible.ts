/** Text from models and file names made safe to show: what would steer a terminal or reorder a line is spelled out. */

// controls, line and paragraph separators, zero-width and bidirectional marks, the byte order mark, lone surrogates
const unseen = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/gu;

/** `text` on one line, with characters that cannot be seen as `\u{…}`. */
export const visible = (text: string): string =>
  text.replace(unseen, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
