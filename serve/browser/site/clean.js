// One spelling of texts, as formats/tokenizer.py and formats/spelling.py have it.

/** What no tokenizer takes: NUL and lone surrogates (with `u`, halves of a pair don't match). */
const UNFIT = /[\0\ud800-\udfff]/gu;
/** What no reader sees: the soft hyphen, and the byte order mark. */
const UNSEEN = /[\u00ad\ufeff]/gu;
/** Letters that a font drew as one. */
const LIGATURES = /[\ufb00-\ufb06\ufb13-\ufb17\ufb50-\ufbb1\ufbd3-\ufbff\ufe80-\ufefc]/gu;
/** What Python's `str.strip` takes away; JavaScript's `trim` takes U+FEFF and leaves U+001C. */
const SPACE = /[\t-\r\u001c-\u0020\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/u;
const ASCII = /^[\0-\x7f]*$/;

export const isAscii = (text) => ASCII.test(text);

export function strip(text) {
  let from = 0, to = text.length;
  while (from < to && SPACE.test(text[from])) from++;
  while (to > from && SPACE.test(text[to - 1])) to--;
  return text.slice(from, to);
}

export const clean = (text) => strip(text.replace(UNFIT, "\ufffd"));

/** A text in NFC, without soft hyphens, its ligatures undone: for what the model gets. */
export function spell(text) {
  if (isAscii(text)) return text;
  return text.replace(UNSEEN, "").replace(LIGATURES, (found) => found.normalize("NFKC")).normalize("NFC");
}

/** The text that is embedded for a question. */
export const prompted = (template, question) => strip(template.replace(/\{question\}/g, () => spell(question)));

/** The order of ids: by code points, which is that of their UTF-8 bytes; `<` compares halves of pairs. */
export function compareIds(left, right) {
  for (let at = 0; at < left.length && at < right.length; at++) {
    if (left.charCodeAt(at) !== right.charCodeAt(at)) return pairsLast(left.charCodeAt(at)) - pairsLast(right.charCodeAt(at));
  }
  return left.length - right.length;
}

const pairsLast = (unit) => (unit >= 0xd800 && unit < 0xe000 ? unit + 0x10000 : unit);
