// How full text sees a text, in passages and questions alike: to the letter what runtime/folding.py does.

import { isAscii } from "./clean.js";
import { all, END, every, joined, LETTER, LETTERED, START } from "./names.js";

const UNSEEN = /[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]/gu;
const APART = /[\u2116\u2120\u2122\u2460-\u24ff\u2776-\u2793]/gu;
const WHOLE = /[^\u00bc-\u00be\u2150-\u215f\u2189]+/gu;
const RAISED_DIGIT = "[\u00b2\u00b3\u00b9\u2070\u2074-\u2079]", PLAIN = "[A-Za-z\u00c0-\u1fff]";
const RAISED = every(`(?=${RAISED_DIGIT})(?:(?<=[0-9])|(?<=${PLAIN}{3}))|(?<=${RAISED_DIGIT})(?=${PLAIN})`);
const SIGNS = /[\u02b9-\u02bc\u20a0-\u20cf\u2190-\u245f\u2500-\u2775\u2794-\u2bff\u2e00-\u2e7f\u{1f000}-\u{1faff}]/gu;
const MARK_RANGES =
  "\u0300-\u036f\u20d0-\u20f0\ufe00-\ufe0f\u{e0100}-\u{e01ef}\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0640" +
  "\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed\u093c";
const MARKS = every(`[${MARK_RANGES}]`);
const IDEOGRAPHS = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u{20000}-\u{3ffff}";
export const HAN = `\u3005\u3007\u3041-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff\u{1b000}-\u{1b16f}${IDEOGRAPHS}`;
export const HANGUL = "\u1100-\u11ff\uac00-\ud7a3";
export const THAI =
  "\u0e01-\u0e3a\u0e40-\u0e4e\u0e81-\u0ebd\u0ec0-\u0ece\u0edc-\u0edf" +
  "\u1000-\u103f\u1050-\u109f\u1780-\u17d3\u17d7\u17dc\u17dd\u1950-\u19c9\u1a20-\u1a7c";
/** Scripts whose words are not apart, and how many letters a cut has. */
export const CUTS = [[every(`[${HAN}]+`), 2], [every(`[${HANGUL}]+`), 2], [every(`[${THAI}]+`), 3]];
const BROKEN = every(`(?<=[${HAN}${THAI}])[ \t]{0,9}\r?\n[ \t]{0,9}(?=[${HAN}${THAI}])`);
const LONE = every(`(?<![${IDEOGRAPHS}])[${IDEOGRAPHS}](?![${IDEOGRAPHS}]|$)`);
const PARTICLE = /^([\uac00-\ud7a3])(?:[은는이가을를의에도로와과만]|에서|에는|에게|으로|까지|부터|하고|입니다)$/u;
/** Letters that people also write otherwise, and `unicode61` keeps apart: a letter, and what it becomes. */
const SPELLED =
  "œoe Œoe æae Æae ǽae Ǽae ßss ẞss øo Øo ǿo Ǿo đd Đd łl Łl ıi ёе Ёе \u0622\u0627 \u0623\u0627 \u0625\u0627 \u0671\u0627 " +
  "\u0649\u064a \u06cc\u064a \u0629\u0647 \u06a9\u0643 \u0901\u0902 \u06c1\u0647 \u06c0\u0647 \u06c2\u0647 \u06c3\u0647 " +
  "\u09ce\u09a4\u09cd \u0d7a\u0d23\u0d4d \u0d7b\u0d28\u0d4d \u0d7c\u0d30\u0d4d \u0d7d\u0d32\u0d4d \u0d7e\u0d33\u0d4d " +
  "\u05f0\u05d5\u05d5 \u05f1\u05d5\u05d9 \u05f2\u05d9\u05d9";
const LETTERS = new Map(SPELLED.split(" ").map((one) => [one[0], one.slice(1)]));
const NASAL = /[\u0919\u091e\u0923\u0928\u092e]\u094d(?=[\u0915-\u0939])/gu;
const GREEK = /[\u0370-\u03ff\u1f00-\u1fff]/u;
/** Where the digits of other scripts begin; ten each follow one another. */
const ZEROS = "\u0660\u06f0\u0966\u09e6\u0a66\u0ae6\u0b66\u0be6\u0c66\u0ce6\u0d66\u0e50\u0ed0\u0f20\u1040\u17e0\u1810";
const DIGITS = new Map([["\u2044", "/"]]);
for (const zero of ZEROS) for (let n = 0; n < 10; n++) DIGITS.set(String.fromCharCode(zero.charCodeAt(0) + n), `${n}`);
const UNITS =
  "[mcdkn]m|[cdkm]?m[23]|[μΜ]m|[kmμΜ]g|[mc]l|[km][vw]h?|mah?|[km]?[Ωω]|[kmg]?hz|[kmgt]b|ms|min|bar|[km]pa|px|dpi";
/** What is written plainer: what it is, and what it becomes. */
const PLAINER = [
  [`${START}([Vv])(?=[0-9]{1,9}\\.[0-9])`, "$1 "],
  [`${START}([A-Za-z]{1,12})\\+\\+(?!${LETTER}|[+#])`, "$1 $1plusplus "],
  [`${START}([A-Za-z]{1,12})#(?!${LETTER}|[+#])`, "$1 $1sharp "],
  ["(?<=[0-9]) ?[xX\u00d7] ?(?=[0-9])", "\u00d7"],
  [`${START}([0-9]{1,9})(${anyCase(UNITS)})${END}`, "$1 $2"],
  ["(?:(?<=[0-9]) )?(?<![0-9/.])1/2(?![0-9/])", "½"],
  ["(?:(?<=[0-9]) )?(?<![0-9/.])1/4(?![0-9/])", "¼"],
  ["(?:(?<=[0-9]) )?(?<![0-9/.])3/4(?![0-9/])", "¾"],
].map(([way, plain]) => [every(way), plain]);

/** A pattern of letters and classes that takes capitals as well: of ASCII alone, where the flag `i` takes more. */
function anyCase(pattern) {
  let inside = false;
  return Array.from(pattern, (letter) => {
    if (letter === "[" || letter === "]") inside = letter === "[";
    if (!/[a-z]/.test(letter)) return letter;
    return inside ? letter + letter.toUpperCase() : `[${letter}${letter.toUpperCase()}]`;
  }).join("");
}

/** A text as it is looked up in the index. */
export function folded(text) {
  let found = whole(text);
  for (const [run, size] of CUTS) found = found.replace(run, (letters) => ` ${cut(letters, size)} `);
  for (const [way, plain] of PLAINER) found = found.replace(way, plain);
  const lines = [found, ...joined(found, LETTERED)].join("\n");
  return isAscii(lines) ? lines : Array.from(lines, plainer).join("").replace(NASAL, "\u0902");
}

/** What becomes of a text before runs are cut and words set apart. */
export function whole(text) {
  if (isAscii(text)) return text;
  const seen = text.replace(UNSEEN, "").replace(BROKEN, "").replace(RAISED, " ").replace(APART, " $& ");
  const plain = seen.replace(WHOLE, (part) => part.normalize("NFKC")).replace(MARKS, "").replace(SIGNS, " ");
  return Array.from(plain, (letter) => DIGITS.get(letter) ?? letter).join("");
}

/** The words that are cut out beside, of a run of a script without spaces: 水 of 水を. */
export function beside(run) {
  if (Array.from(run).length < 2) return [];
  const noun = PARTICLE.exec(run);
  return [...all(LONE, run), ...(noun ? [noun[1]] : [])];
}

function cut(run, size) {
  const letters = Array.from(run);
  const cuts = Array.from({ length: Math.max(letters.length - size, 0) + 1 }, (_, at) => letters.slice(at, at + size).join(""));
  // The last letters too, so that every letter of a run begins a word.
  const last = letters.length >= size ? [letters.slice(1 - size).join("")] : [];
  return [...cuts, ...beside(run), ...last].join(" ");
}

function plainer(letter) {
  return LETTERS.get(letter) ?? (GREEK.test(letter) ? letter.normalize("NFD").replace(MARKS, "") : letter);
}
