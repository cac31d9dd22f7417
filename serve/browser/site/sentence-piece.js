// SentencePiece's BPE, id for id as its C++ library encodes (normalizer.cc, bpe_model.cc, sentencepiece_processor.cc).

import { clean } from "./clean.js";
import { Heap } from "./heap.js";
import { readModel } from "./sentence-piece-model.js";

/** Returns the function text -> ids of a tokenizer.model's bytes; `bos` and `eos` are put around where they are numbers. */
export function readSentencePiece(bytes, { bos, eos }) {
  const model = readModel(bytes);
  const before = bos == null ? [] : [bos], after = eos == null ? [] : [eos];
  return (text) => [...before, ...merged(model, escaped(model, clean(text))), ...after];
}

/** The end of the longest user-defined symbol at a place, or the place itself. */
function ownEnd(model, text, at) {
  const found = model.own.get(text[at])?.find((one) => text.startsWith(one, at));
  return found ? at + found.length : at;
}

/** `Normalizer::Normalize` without a map of characters: spaces are dropped, added and escaped as the rules say. */
function escaped(model, text) {
  let at = 0;
  if (model.removeExtra) while (at < text.length && text[at] === " " && ownEnd(model, text, at) <= at + 1) at++;
  if (at === text.length) return "";
  const space = model.escape ? "\u2581" : " ";
  let out = model.dummyPrefix && !model.asSuffix ? [space] : [];
  appendEscaped(model, text, at, space, out);
  if (model.removeExtra) while (out.length && out[out.length - 1] === space) out.pop();
  if (model.dummyPrefix && model.asSuffix) out.push(space);
  return out.join("");
}

function appendEscaped(model, text, start, space, out) {
  let afterSpace = model.removeExtra;
  for (let at = start; at < text.length; ) {
    let from = at;
    at = Math.max(ownEnd(model, text, at), at + 1);
    while (afterSpace && from < at && text[from] === " ") from++;
    for (; from < at; from++) out.push(text[from] === " " ? space : text[from]);
    afterSpace = model.removeExtra && text[at - 1] === " ";
  }
}

/** The ids of a text. A symbol is named by the place where it starts; one that was merged away has no length. */
function merged(model, text) {
  const symbols = split(model, text);
  const agenda = new Heap((a, b) => a.rank - b.rank || a.left - b.left);
  const offer = (left) => {
    const right = left + symbols.lengths[left];
    if (right === text.length || symbols.frozen[left] || symbols.frozen[right]) return;
    const length = symbols.lengths[left] + symbols.lengths[right];
    const id = model.ids.get(text.slice(left, left + length));
    if (id !== undefined && model.ranks[id] >= 0) agenda.push({ rank: model.ranks[id], left, length });
  };
  for (let at = 0; at < text.length; at += symbols.lengths[at]) offer(at);
  for (let best; (best = agenda.pop()); ) merge(symbols, best, offer);
  return collected(model, text, symbols.lengths);
}

/** Cuts the text into characters and user-defined symbols, which no merge touches. */
function split(model, text) {
  const lengths = new Int32Array(text.length), before = new Int32Array(text.length), frozen = new Uint8Array(text.length);
  for (let at = 0, last = -1; at < text.length; ) {
    const end = ownEnd(model, text, at);
    frozen[at] = end > at ? 1 : 0;
    lengths[at] = frozen[at] ? end - at : String.fromCodePoint(text.codePointAt(at)).length;
    before[at] = last;
    last = at;
    at += lengths[at];
  }
  return { lengths, before, frozen, size: text.length };
}

function merge({ lengths, before, size }, { left, length }, offer) {
  const right = left + lengths[left];
  // Out of date where one of the two was merged since.
  if (lengths[left] === 0 || right === size || lengths[left] + lengths[right] !== length) return;
  lengths[left] = length;
  lengths[right] = 0;
  if (left + length < size) before[left + length] = left;
  if (before[left] >= 0) offer(before[left]);
  offer(left);
}

/** A run of unknown symbols is one unknown id, or all its bytes. */
function collected(model, text, lengths) {
  const ids = [], utf8 = new TextEncoder();
  let afterUnknown = false;
  for (let at = 0; at < text.length; at += lengths[at]) {
    const symbol = text.slice(at, at + lengths[at]), found = model.ids.get(symbol);
    const unknown = found === undefined || found === model.unknown;
    if (!unknown) ids.push(found);
    else if (model.bytes) for (const byte of utf8.encode(symbol)) ids.push(model.bytes[byte]);
    else if (!afterUnknown) ids.push(model.unknown);
    afterUnknown = unknown;
  }
  return ids;
}
