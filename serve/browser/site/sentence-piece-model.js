// What a tokenizer.model says (sentencepiece_model.proto): its pieces, and how text is prepared for them. Only BPE without
// rewriting of characters; the rest is refused, since other ids than the desktop's would be worse than none.

import { fields } from "./proto.js";

const NORMAL = 1, UNKNOWN = 2, USER_DEFINED = 4, UNUSED = 5, BYTE = 6, BPE = 2;
const text = new TextDecoder("utf-8", { fatal: true });

export function readModel(bytes) {
  const pieces = [];
  const rules = { modelType: 1, asSuffix: false, byteFallback: false, dummyPrefix: true, removeExtra: true, escape: true };
  let whole = 0;
  for (const [field, value] of fields(bytes)) {
    if (field === 1) pieces.push(readPiece(value));
    if (field === 2) whole |= readRules(value, TRAINER, rules) && 1;
    if (field === 3) whole |= readRules(value, NORMALIZER, rules) && 2;
  }
  if (whole !== 3) throw Error("it was cut off");
  if (rules.modelType !== BPE) throw Error(`the model type ${rules.modelType} is not supported`);
  if (pieces.some((piece) => piece.type === UNUSED)) throw Error("unused pieces are not supported");
  return { ...rules, ...tables(pieces, rules.byteFallback) };
}

const TRAINER = { 3: "modelType", 24: "asSuffix", 35: "byteFallback" };
const NORMALIZER = { 2: "map", 3: "dummyPrefix", 4: "removeExtra", 5: "escape" };

function readRules(message, names, rules) {
  for (const [field, value] of fields(message)) {
    const name = names[field];
    if (name === "map" && value.length) throw Error("a normalizer that rewrites characters is not supported");
    if (name === "modelType") rules.modelType = value;
    else if (name) rules[name] = value !== 0;
  }
  return true;
}

function readPiece(message) {
  const piece = { text: "", score: 0, type: NORMAL };
  for (const [field, value] of fields(message)) {
    if (field === 1) piece.text = text.decode(value);
    if (field === 2) piece.score = value + 0; // one zero
    if (field === 3) piece.type = value;
  }
  if (piece.text === "") throw Error("a piece is empty");
  return piece;
}

function tables(pieces, byteFallback) {
  const ids = new Map(pieces.map((piece, id) => [piece.text, id]));
  if (ids.size !== pieces.length) throw Error("a piece is there twice");
  const ofType = (type) => pieces.flatMap((piece, id) => (piece.type === type ? [id] : []));
  const unknown = ofType(UNKNOWN);
  if (unknown.length !== 1) throw Error("not one unknown piece");
  return {
    ids, ranks: ranks(pieces, [...ofType(NORMAL), ...ofType(USER_DEFINED)]), unknown: unknown[0],
    own: prefixes(ofType(USER_DEFINED).map((id) => pieces[id].text)), bytes: byteFallback ? byteIds(pieces, ofType(BYTE)) : null,
  };
}

/** By id: 0 for the piece that is merged first; equal scores share a rank. -1 where a piece comes from no merge. */
function ranks(pieces, merged) {
  const found = new Int32Array(pieces.length).fill(-1);
  merged.sort((a, b) => pieces[b].score - pieces[a].score);
  merged.forEach((id, at) => {
    const before = merged[at - 1];
    found[id] = at > 0 && pieces[before].score === pieces[id].score ? found[before] : at;
  });
  return found;
}

/** First letter -> strings that begin so, the longest first. */
function prefixes(texts) {
  const found = new Map();
  for (const one of texts) found.set(one[0], [...(found.get(one[0]) ?? []), one]);
  for (const list of found.values()) list.sort((a, b) => b.length - a.length);
  return found;
}

function byteIds(pieces, ids) {
  const named = new Map(ids.map((id) => [pieces[id].text, id]));
  return Array.from({ length: 256 }, (_, byte) => {
    const id = named.get(`<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`);
    if (id === undefined) throw Error(`the piece of byte ${byte} is missing`);
    return id;
  });
}
