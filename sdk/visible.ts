/**
 * Characters that change how a text looks and not which letters it has: controls of terminals, line ends, marks of direction,
 * and characters without width. They let a stranger's text pass for something else.
 */
const UNSEEN =
  /[\p{Cc}\p{Zl}\p{Zp}\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\u{e0000}-\u{e007f}]/gu;

/** A text of the chain on one line, with its unseen characters written out, such as `\u{1b}`. */
export function visible(text: string): string {
  return text.replace(UNSEEN, (character) =>
    character === "\n" ? "\\n" : `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
}

/** The same text as part of JSON, where `\u001b` is the character itself. */
export function visibleInJson(json: string): string {
  return json.replace(UNSEEN, (character) =>
    character === "\n"
      ? character // between values; inside of them it is written out already
      : character.replace(
          /[^]/g,
          (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
        ),
  );
}
