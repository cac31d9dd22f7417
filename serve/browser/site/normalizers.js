// What makes other letters of a text, as normalizers of the `tokenizers` library do.

import { bertNormalizer } from "./bert-normalizer.js";
import { charsmap } from "./charsmap.js";
import { nfc } from "./composition.js";
import { flagsOf, SPACE } from "./unicode.js";

/** A run of spaces, as SentencePiece's converters write it. */
const SPACES = " {2,}";

/** Returns the function text -> text of a tokenizer.json's `normalizer`; none is one that changes nothing. */
export function readNormalizer(settings) {
  if (!settings) return (text) => text;
  const read = NORMALIZERS[settings.type];
  if (!read) throw Error(`the normalizer ${settings.type} is not supported`);
  return read(settings);
}

const NORMALIZERS = {
  BertNormalizer: bertNormalizer,
  NFC: () => nfc,
  Precompiled: (settings) => charsmap(Uint8Array.from(atob(settings.precompiled_charsmap), (byte) => byte.charCodeAt(0))),
  Strip: (settings) => (text) => stripped(text, settings.strip_left, settings.strip_right),
  Replace: replacing,
  Sequence(settings) {
    const steps = settings.normalizers.map(readNormalizer);
    return (text) => steps.reduce((found, step) => step(found), text);
  },
};

function replacing({ pattern, content }) {
  if (pattern.Regex !== SPACES) throw Error(`the normalizer Replace of ${JSON.stringify(pattern)} is not supported`);
  return (text) => text.replace(/ {2,}/g, () => content);
}

function stripped(text, left, right) {
  const blank = (at) => flagsOf(text.charCodeAt(at)) & SPACE;
  let from = 0, to = text.length;
  if (left) while (from < to && blank(from)) from++;
  if (right) while (to > from && blank(to - 1)) to--;
  return text.slice(from, to);
}
