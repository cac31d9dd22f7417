// BertNormalizer of the `tokenizers` library.

import { putMarksInOrder, spelled } from "./composition.js";
import { addApart, addSmall, CHINESE, flagsOf, MARK, OTHER, SPACE } from "./unicode.js";

/** Returns the function text -> text of its settings. */
export const bertNormalizer = (settings) => (text) => {
  let points = Array.from(text, (letter) => letter.codePointAt(0));
  if (settings.clean_text) points = rebuilt(points, cleaned);
  if (settings.handle_chinese_chars) points = rebuilt(points, spaced);
  if (settings.strip_accents ?? settings.lowercase) points = withoutAccents(points);
  return spelled(settings.lowercase ? rebuilt(points, addSmall) : points);
};

function rebuilt(points, add) {
  const out = [];
  for (const code of points) add(out, code);
  return out;
}

/** Drops control characters, and what has no category; tabs, line ends and all kinds of spaces become spaces. */
function cleaned(out, code) {
  const flags = flagsOf(code);
  if (code === 0 || code === 0xfffd || flags & OTHER) return;
  out.push(flags & SPACE ? 0x20 : code);
}

function spaced(out, code) {
  if (flagsOf(code) & CHINESE) out.push(0x20, code, 0x20);
  else out.push(code);
}

function withoutAccents(points) {
  const apart = rebuilt(points, addApart);
  putMarksInOrder(apart);
  return apart.filter((code) => !(flagsOf(code) & MARK));
}
