// BPE over bytes, as GPT-2 brought it: ByteLevel and BPE of the `tokenizers` library.

import { Heap } from "./heap.js";
import { flagSet, flagsOf, SPACE } from "./unicode.js";

/** The patterns by which a text is cut into words, and how many digits a word has: by hand, since the browser's `\p{L}` is of its year. */
const QWEN2 =
  "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
const DIGITS = new Map([[QWEN2, 1], [QWEN2.replace("\\p{N}|", "\\p{N}{1,3}|"), 3]]);
const ODD = ["dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix", "byte_fallback", "ignore_merges"];
const OTHER = 0, LETTER = 1, NUMBER = 2, BLANK = 4;
const flags = flagSet({ LETTER, NUMBER });
const utf8 = new TextEncoder();

/** Returns what adds the ids of a part of a text, and the id of a piece. */
export function readByteLevel(model, cut) {
  const odd = ODD.find((name) => model[name] != null && model[name] !== false && model[name] !== "");
  if (odd) throw Error(`${odd} of the BPE model is not supported`);
  const { end, prefix } = words(cut), vocabulary = new Map(Object.entries(model.vocab));
  const id = (piece) => {
    if (!vocabulary.has(piece)) throw Error(`${piece} is not in the vocabulary`);
    return vocabulary.get(piece);
  };
  const bytes = byteNames().map(id), size = 1 + Object.values(model.vocab).reduce((most, one) => Math.max(most, one)), ranks = new Map();
  const results = model.merges.map((merge, rank) => {
    const [left, right] = typeof merge === "string" ? merge.split(" ") : merge;
    ranks.set(id(left) * size + id(right), rank);
    return id(left + right);
  });
  const merges = { bytes, ranks, results, size };
  const addIds = (text, ids) => {
    const points = Array.from(prefix && text[0] !== " " ? ` ${text}` : text, (letter) => letter.codePointAt(0));
    for (let at = 0, to; at < points.length; at = to) {
      to = end(points, at);
      merged(merges, utf8.encode(points.slice(at, to).map((code) => String.fromCodePoint(code)).join("")), ids);
    }
  };
  return { idOf: (piece) => vocabulary.get(piece), addIds };
}

/** What each byte is called: those that are no visible letters of Latin-1 are written as U+0100 and on. */
function byteNames() {
  const visible = (byte) => (byte > 0x20 && byte < 0x7f) || (byte > 0xa0 && byte !== 0xad);
  let other = 256;
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(visible(byte) ? byte : other++));
}

/** Returns what finds the end of a word, and whether a part gets a space in front. */
function words(cut) {
  const steps = cut?.type === "Sequence" ? cut.pretokenizers : cut ? [cut] : [], last = steps[steps.length - 1];
  if (last?.type !== "ByteLevel" || steps.length > 2) throw Error(`the pre-tokenizer ${cut?.type} is not supported`);
  const own = last.use_regex ?? true, prefix = last.add_prefix_space;
  if (steps.length === 1) return { end: own ? gpt2 : (points) => points.length, prefix };
  const { type, pattern, behavior, invert } = steps[0], digits = DIGITS.get(pattern?.Regex);
  if (type !== "Split" || behavior !== "Isolated" || invert || !digits || own || prefix) {
    throw Error(`the pre-tokenizer ${type} with the pattern ${pattern?.Regex} is not supported`);
  }
  return { end: (points, at) => newer(points, at, digits), prefix: false };
}

const kindOf = (code) => (flagsOf(code) & SPACE ? BLANK : flags[code]);
const isLineEnd = (code) => code === 0xa || code === 0xd;

/** 's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+ */
function gpt2(points, at) {
  const short = contraction(points, at, String.fromCodePoint);
  if (short > at) return short;
  const start = points[at] === 0x20 && at + 1 < points.length ? at + 1 : at, kind = kindOf(points[start]);
  return kind === BLANK ? blanks(points, at) : run(points, start, kind);
}

/** The patterns of `DIGITS`. */
function newer(points, at, digits) {
  const short = contraction(points, at, small);
  if (short > at) return short;
  const kind = kindOf(points[at]), next = at + 1 < points.length ? kindOf(points[at + 1]) : BLANK;
  if (kind === LETTER) return run(points, at, LETTER);
  if (kind === NUMBER) return Math.min(run(points, at, NUMBER), at + digits);
  if (next === LETTER && !isLineEnd(points[at])) return run(points, at + 1, LETTER);
  if (kind === OTHER || (points[at] === 0x20 && next === OTHER)) {
    let end = run(points, kind === OTHER ? at : at + 1, OTHER);
    while (end < points.length && isLineEnd(points[end])) end++;
    return end;
  }
  for (let end = run(points, at, BLANK); end > at; end--) if (isLineEnd(points[end - 1])) return end;
  return blanks(points, at);
}

/** `\s+(?!\S)|\s+`: without the last one, where a word follows. */
function blanks(points, at) {
  const end = run(points, at, BLANK);
  return end === points.length || end === at + 1 ? end : end - 1;
}

function run(points, from, kind) {
  let end = from;
  while (end < points.length && kindOf(points[end]) === kind) end++;
  return end;
}

/** `'s` and the like; the newer patterns take capitals too, and the long s. */
function contraction(points, at, letter) {
  if (points[at] !== 0x27 || at + 1 >= points.length) return at;
  if ("stmd".includes(letter(points[at + 1]))) return at + 2;
  const two = at + 2 < points.length ? letter(points[at + 1]) + letter(points[at + 2]) : "";
  return ["re", "ve", "ll"].includes(two) ? at + 3 : at;
}

const small = (code) => (code === 0x17f ? "s" : code < 0x80 ? String.fromCharCode(code).toLowerCase() : "?");

/** Adds the ids of a word: merges by rank, of equal ones the leftmost first. A symbol is named by the place of its first byte. */
function merged({ bytes, ranks, results, size }, word, ids) {
  const symbols = Array.from(word, (byte) => bytes[byte]), count = symbols.length;
  const next = symbols.map((_, at) => at + 1), before = symbols.map((_, at) => at - 1), agenda = new Heap((a, b) => a.rank - b.rank || a.at - b.at);
  const rankAt = (at) => (next[at] < count ? ranks.get(symbols[at] * size + symbols[next[at]]) : undefined);
  const offer = (at, rank = rankAt(at)) => rank !== undefined && agenda.push({ rank, at });
  for (let at = 0; at + 1 < count; at++) offer(at);
  for (let best; (best = agenda.pop()); ) {
    const { rank, at } = best, right = next[at];
    if (right === Infinity || rankAt(at) !== rank) continue; // one of the two was merged since
    symbols[at] = results[rank];
    next[at] = next[right];
    if (next[right] < count) before[next[right]] = at;
    next[right] = Infinity;
    if (before[at] >= 0) offer(before[at]);
    offer(at);
  }
  for (let at = 0; at < count; at = next[at]) ids.push(symbols[at]);
}
