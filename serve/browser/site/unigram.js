// Unigram of the `tokenizers` library (models/unigram/model.rs, encode_optimized): of all ways to spell a word the likeliest.

import { flagsOf, SPACE } from "./unicode.js";

/** `K_UNK_PENALTY` of that file. */
const PENALTY = 10;
/** A piece and its score in JSON's text. */
const ROW = /\[\s*"(?:[^"\\]|\\.)*"\s*,\s*([-+.\deE]+)\s*\]/gy;

/** Returns what adds the ids of a part of a text, and the id of a piece. */
export function readUnigram(model, cut) {
  if (model.byte_fallback) throw Error("byte_fallback of the Unigram model is not supported");
  if (model.unk_id == null) throw Error("a Unigram model without unk_id is not supported");
  const pieces = model.vocab, rules = metaspace(cut), scores = pieces.map(([, score]) => score);
  const ids = new Map(pieces.map(([piece], id) => [piece, id]));
  if (ids.size !== pieces.length) throw Error("a piece is there twice");
  const starts = new Set(); // of pieces: a text that is none of them begins no piece
  for (const [piece] of pieces) for (let to = 1; to <= piece.length; to++) starts.add(piece.slice(0, to));
  const unknownScore = scores.reduce((least, score) => Math.min(least, score)) - PENALTY;
  const words = { ids, scores, starts, unknown: model.unk_id, unknownScore };
  return { idOf: (piece) => ids.get(piece), addIds: (text, out) => cutWords(rules, text, (word) => addWord(words, word, out)) };
}

/**
 * Scores as that library reads them (serde_json, `f64_from_parts`): all digits as one number, then divided by a power of ten.
 * That is not always the nearest number; of paths with nearly equal scores another one would win.
 */
export function withRawScores(text, vocab) {
  ROW.lastIndex = text.indexOf("[", text.search(/"vocab"\s*:\s*\[/)) + 1;
  return vocab.map(([piece]) => {
    while (" \n\r\t,".includes(text[ROW.lastIndex])) ROW.lastIndex++;
    const row = ROW.exec(text);
    if (!row) throw Error(`the piece ${piece} has no score`);
    return [piece, scoreOf(row[1])];
  });
}

function scoreOf(number) {
  const [digits, exponent] = number.toLowerCase().split("e"), [whole, part = ""] = digits.replace(/^[-+]/, "").split(".");
  const shift = Number(exponent ?? 0) - part.length, all = BigInt(whole + part);
  // More than 64 bits, or beyond the powers of ten of that library's table: no trainer writes such.
  if (all >= 2n ** 64n || Math.abs(shift) > 308) return Number(number);
  const value = shift < 0 ? Number(all) / Number(`1e${-shift}`) : Number(all) * Number(`1e${shift}`);
  return number.startsWith("-") ? -value : value;
}

/** What of WhitespaceSplit and Metaspace is asked for. */
function metaspace(cut) {
  const steps = cut?.type === "Sequence" ? cut.pretokenizers : cut ? [cut] : [], last = steps[steps.length - 1];
  if (last?.type !== "Metaspace" || steps.length > 2 || (steps.length === 2 && steps[0].type !== "WhitespaceSplit")) {
    throw Error(`the pre-tokenizer ${cut?.type} is not supported`);
  }
  // Before tokenizers 0.15 it was add_prefix_space.
  const scheme = last.prepend_scheme ?? (last.add_prefix_space ?? true ? "always" : "never");
  if (scheme === "first" || last.replacement.length !== 1) throw Error(`Metaspace with prepend_scheme ${scheme} is not supported`);
  return { apart: steps.length === 2, space: last.replacement, prepend: scheme === "always", split: last.split ?? true };
}

function cutWords(rules, text, each) {
  for (const part of rules.apart ? apart(text) : [text]) {
    const marked = part.replaceAll(" ", rules.space);
    const whole = rules.prepend && marked[0] !== rules.space ? rules.space + marked : marked;
    let start = 0;
    if (rules.split) for (let at = 1; at < whole.length; at++) if (whole[at] === rules.space) {
      each(whole.slice(start, at));
      start = at;
    }
    each(whole.slice(start));
  }
}

function apart(text) {
  const parts = [];
  let start = 0;
  for (let at = 0; at <= text.length; at++) if (at === text.length || flagsOf(text.charCodeAt(at)) & SPACE) {
    if (start < at) parts.push(text.slice(start, at));
    start = at + 1;
  }
  return parts;
}

/** Adds the ids of the best path to the end; of equal ones the one that is found first. */
function addWord(words, text, out) {
  const best = new Float64Array(text.length + 1), starts = new Int32Array(text.length + 1).fill(-1), found = new Int32Array(text.length + 1);
  const offer = (score, from, to, id) => {
    if (starts[to] >= 0 && score <= best[to]) return;
    best[to] = score;
    starts[to] = from;
    found[to] = id;
  };
  for (let at = 0, letter; at < text.length; at = letter) {
    letter = at + String.fromCodePoint(text.codePointAt(at)).length;
    let single = false;
    for (let end = at + 1; end <= text.length; end++) {
      const piece = text.slice(at, end), id = words.ids.get(piece);
      if (id !== undefined) offer(best[at] + words.scores[id], at, end, id);
      if (id !== undefined && end === letter) single = true;
      if (id === undefined && !words.starts.has(piece)) break;
    }
    if (!single) offer(best[at] + words.unknownScore, at, letter, words.unknown);
  }
  collect(words, text, starts, found, out);
}

/** Neighbours that are unknown become one, which is looked up again. */
function collect({ ids, unknown }, text, starts, found, out) {
  const path = [];
  for (let at = text.length; at > 0; ) {
    const end = at, known = found[at] !== unknown;
    do at = starts[at]; while (!known && at > 0 && found[at] === unknown);
    path.push(known ? found[end] : ids.get(text.slice(at, end)) ?? unknown);
  }
  for (let k = path.length - 1; k >= 0; k--) out.push(path[k]);
}
