// WordPiece of a tokenizer.json behind BertPreTokenizer, id for id as the `tokenizers` library encodes.

import { flagsOf, PUNCTUATION, SPACE } from "./unicode.js";

/** Returns what adds the ids of a part of a text, and the id of a piece. */
export function readWordPiece(model, cut) {
  if (cut?.type !== "BertPreTokenizer") throw Error(`the pre-tokenizer ${cut?.type} is not supported`);
  const vocabulary = new Map(Object.entries(model.vocab));
  const rules = {
    vocabulary, prefix: model.continuing_subword_prefix, unknown: vocabulary.get(model.unk_token),
    longestWord: model.max_input_chars_per_word, longestPiece: Object.keys(model.vocab).reduce((most, piece) => Math.max(most, piece.length), 0),
  };
  return { idOf: (piece) => vocabulary.get(piece), addIds: (text, ids) => addWords(rules, text, ids) };
}

/** Cuts a part of the text at white space and around punctuation, and adds the ids of each word. */
function addWords(rules, text, ids) {
  let word = [];
  const end = () => {
    if (word.length) addWord(rules, word, ids);
    word = [];
  };
  for (const letter of text) {
    const code = letter.codePointAt(0);
    const flags = flagsOf(code);
    if (flags & (SPACE | PUNCTUATION)) end();
    if (flags & SPACE) continue;
    word.push(code);
    if (flags & PUNCTUATION) end();
  }
  end();
}

/** The longest piece first, then the longest continuation; a rest that is none makes the whole word unknown. */
function addWord(rules, points, ids) {
  if (points.length > rules.longestWord) return ids.push(rules.unknown);
  const word = points.map((code) => String.fromCodePoint(code)).join("");
  const found = [];
  for (let at = 0; at < word.length; ) {
    const prefix = at === 0 ? "" : rules.prefix;
    let to = Math.min(word.length, at + rules.longestPiece);
    while (to > at && !rules.vocabulary.has(prefix + word.slice(at, to))) to--;
    if (to === at) return ids.push(rules.unknown);
    found.push(rules.vocabulary.get(prefix + word.slice(at, to)));
    at = to;
  }
  for (const id of found) ids.push(id);
}
