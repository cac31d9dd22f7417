// Text to token ids as the desktop does it: no padding, no truncation but ours, special tokens around.

import { readSentencePiece } from "./sentence-piece.js";
import { readTokenizerJson } from "./tokenizer-json.js";

const LOADERS = { "tokenizer.json": readTokenizerJson, sentencepiece: readSentencePiece };

/** Returns the function text -> ids of `embedder.tokenizer` of a manifest, and of its file's bytes. */
export function readTokenizer(bytes, spec) {
  const load = LOADERS[spec.kind];
  if (!load) throw Error(`the tokenizer's kind ${spec.kind} is not known here`);
  return load(bytes, spec);
}

/** Right-pads ids to a length, with the padding's id of `embedder.tokenizer`; older manifests have none, and pad with 0. */
export const padded = (ids, length, { pad = 0 }) => [...ids, ...new Array(length - ids.length).fill(pad)];

/** Cuts ids to a length, keeping the last one (end of sequence). */
export const fit = (ids, length) => (ids.length <= length ? ids : [...ids.slice(0, length - 1), ids[ids.length - 1]]);
