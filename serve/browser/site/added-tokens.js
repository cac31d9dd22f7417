// Tokens of a tokenizer.json that stand for themselves in a text.

import { flagsOf, SPACE } from "./unicode.js";

/**
 * Returns what cuts a text at such tokens, the longest at each place: a function of the text, `token(id)` and `other(part)`.
 * @param tokens of a tokenizer.json; `find` returns how one looks in the text that is cut, `idOf` the id in the vocabulary
 */
export function cutting(tokens, find, idOf) {
  const rows = new Map(tokens.map((token) => [find(token.content), { id: idOf(token.content) ?? token.id, takesSpace: token.lstrip }]));
  const names = [...rows.keys()].filter((name) => name !== "").sort((a, b) => b.length - a.length);
  if (!names.length) return (text, token, other) => { if (text !== "") other(text); };
  const way = RegExp(names.map((name) => name.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&")).join("|"), "gu");
  return (text, token, other) => {
    let start = 0;
    for (const match of text.matchAll(way)) {
      const { id, takesSpace } = rows.get(match[0]);
      const end = takesSpace ? spaceBefore(text, start, match.index) : match.index;
      if (start < end) other(text.slice(start, end));
      token(id);
      start = match.index + match[0].length;
    }
    if (start < text.length) other(text.slice(start));
  };
}

function spaceBefore(text, start, end) {
  while (end > start && flagsOf(text.charCodeAt(end - 1)) & SPACE) end--;
  return end;
}
