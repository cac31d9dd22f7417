// A tokenizer.json of the `tokenizers` library, id for id as that library encodes: WordPiece, Unigram and byte-level BPE.
// What is not done as there is refused: other ids than the desktop's would be worse than none.

import { cutting } from "./added-tokens.js";
import { readByteLevel } from "./byte-level.js";
import { clean } from "./clean.js";
import { readNormalizer } from "./normalizers.js";
import { readUnigram, withRawScores } from "./unigram.js";
import { readWordPiece } from "./word-piece.js";

const MODELS = { WordPiece: readWordPiece, Unigram: readUnigram, BPE: readByteLevel };

/** Returns the function text -> ids of a tokenizer.json's bytes. */
export function readTokenizerJson(bytes) {
  const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  const json = JSON.parse(text);
  const read = MODELS[json.model.type];
  if (!read) throw Error(`the model type ${json.model.type} is not supported`);
  if (json.model.type === "Unigram") json.model.vocab = withRawScores(text, json.model.vocab);
  const normalized = readNormalizer(json.normalizer), model = read(json.model, json.pre_tokenizer);
  const [before, after] = around(json.post_processor), [asTheyAre, late] = added(json.added_tokens, normalized, model.idOf);
  return (asked) => {
    const ids = [...before], token = (id) => ids.push(id);
    asTheyAre(clean(asked), token, (part) => late(normalized(part), token, (rest) => model.addIds(rest, ids)));
    ids.push(...after);
    return ids;
  };
}

/** What cuts a text as it is, and what cuts it once it is normalised. */
function added(tokens, normalized, idOf) {
  for (const token of tokens) {
    const odd = ["single_word", "rstrip"].find((name) => token[name]);
    if (odd) throw Error(`${odd} of the added token ${token.content} is not supported`);
  }
  const late = tokens.filter((token) => token.normalized), early = tokens.filter((token) => !token.normalized);
  return [cutting(early, (content) => content, idOf), cutting(late, normalized, idOf)];
}

/** The ids before and after those of a text. */
function around(processor) {
  if (!processor || processor.type === "ByteLevel") return [[], []]; // it moves offsets alone
  if (processor.type === "BertProcessing" || processor.type === "RobertaProcessing") return [[processor.cls[1]], [processor.sep[1]]];
  if (processor.type === "Sequence") {
    const steps = processor.processors.filter((step) => step.type !== "ByteLevel");
    if (steps.length > 1) throw Error("a sequence of post-processors is not supported");
    return around(steps[0]);
  }
  if (processor.type !== "TemplateProcessing") throw Error(`the post-processor ${processor.type} is not supported`);
  const text = processor.single.findIndex((part) => "Sequence" in part);
  const ids = (part) => processor.special_tokens[part.SpecialToken.id].ids;
  return [processor.single.slice(0, text).flatMap(ids), processor.single.slice(text + 1).flatMap(ids)];
}
