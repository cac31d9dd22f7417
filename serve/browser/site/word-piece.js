// WordPiece of a tokenizer.json behind BertNormalizer and BertPreTokenizer, id for id as the `tokenizers` library encodes.
// Another kind is refused: other ids than the desktop's would be worse than none.

import { clean } from "./clean.js";
import { addApart, addSmall, CHINESE, classOf, flagsOf, MARK, OTHER, PUNCTUATION, SPACE } from "./unicode.js";

/** Returns the function text -> ids of a tokenizer.json's bytes. */
export function readWordPiece(bytes) {
  const json = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  const model = json.model;
  if (model.type !== "WordPiece") throw Error(`the model type ${model.type} is not supported`);
  if (json.pre_tokenizer?.type !== "BertPreTokenizer") throw Error("its pre-tokenizer is not supported");
  if (json.normalizer?.type !== "BertNormalizer") throw Error("its normalizer is not supported");
  const vocabulary = new Map(Object.entries(model.vocab));
  const rules = {
    vocabulary, prefix: model.continuing_subword_prefix, unknown: vocabulary.get(model.unk_token),
    longestWord: model.max_input_chars_per_word, longestPiece: Math.max(...[...vocabulary.keys()].map((piece) => piece.length)),
    normalizer: json.normalizer, added: added(json.added_tokens, vocabulary), template: template(json.post_processor),
  };
  return (text) => encode(rules, clean(text));
}

/** The tokens that stand for themselves in a text, the longest first; only those that are taken as they are. */
function added(tokens, vocabulary) {
  for (const token of tokens) {
    const odd = ["single_word", "lstrip", "rstrip", "normalized"].find((name) => token[name]);
    if (odd) throw Error(`${odd} of the added token ${token.content} is not supported`);
  }
  const ids = new Map(tokens.map((token) => [token.content, vocabulary.get(token.content) ?? token.id]));
  const names = [...ids.keys()].filter((name) => name !== "").sort((a, b) => b.length - a.length);
  const escaped = names.map((name) => name.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&"));
  return { ids, way: names.length ? RegExp(escaped.join("|"), "gu") : null };
}

/** The ids before and after those of a text. */
function template(processor) {
  if (!processor) return [[], []];
  if (processor.type === "BertProcessing") return [[processor.cls[1]], [processor.sep[1]]];
  if (processor.type !== "TemplateProcessing") throw Error(`the post-processor ${processor.type} is not supported`);
  const text = processor.single.findIndex((part) => "Sequence" in part);
  const ids = (part) => processor.special_tokens[part.SpecialToken.id].ids;
  return [processor.single.slice(0, text).flatMap(ids), processor.single.slice(text + 1).flatMap(ids)];
}

function encode(rules, text) {
  const ids = [...rules.template[0]];
  let start = 0;
  for (const match of rules.added.way ? text.matchAll(rules.added.way) : []) {
    addWords(rules, text.slice(start, match.index), ids);
    ids.push(rules.added.ids.get(match[0]));
    start = match.index + match[0].length;
  }
  addWords(rules, text.slice(start), ids);
  ids.push(...rules.template[1]);
  return ids;
}

/** Cuts a part of the text at white space and around punctuation, and adds the ids of each word. */
function addWords(rules, text, ids) {
  let word = [];
  const end = () => {
    if (word.length) addWord(rules, word, ids);
    word = [];
  };
  for (const code of normalized(rules.normalizer, text)) {
    const flags = flagsOf(code);
    if (flags & (SPACE | PUNCTUATION)) end();
    if (flags & SPACE) continue;
    word.push(code);
    if (flags & PUNCTUATION) end();
  }
  end();
}

/** The longest piece first, then the longest continuation; a rest that is none makes the whole word unknown. */
function addWord(rules, points, ids) {
  if (points.length > rules.longestWord) return ids.push(rules.unknown);
  const word = points.map((code) => String.fromCodePoint(code)).join("");
  const found = [];
  for (let at = 0; at < word.length; ) {
    const prefix = at === 0 ? "" : rules.prefix;
    let to = Math.min(word.length, at + rules.longestPiece);
    while (to > at && !rules.vocabulary.has(prefix + word.slice(at, to))) to--;
    if (to === at) return ids.push(rules.unknown);
    found.push(rules.vocabulary.get(prefix + word.slice(at, to)));
    at = to;
  }
  for (const id of found) ids.push(id);
}

/** BertNormalizer: the code points of a text as its settings say. */
function normalized(settings, text) {
  let points = Array.from(text, (letter) => letter.codePointAt(0));
  if (settings.clean_text) points = rebuilt(points, cleaned);
  if (settings.handle_chinese_chars) points = rebuilt(points, spaced);
  if (settings.strip_accents ?? settings.lowercase) points = withoutAccents(points);
  return settings.lowercase ? rebuilt(points, addSmall) : points;
}

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

/** The canonical ordering of NFD (The Unicode Standard, 3.11): each run of marks by its classes, equal ones as they came. */
function putMarksInOrder(points) {
  for (let at = 0; at < points.length; at++) {
    const start = at;
    while (at < points.length && classOf(points[at]) !== 0) at++;
    if (at - start < 2) continue;
    const run = points.slice(start, at).sort((a, b) => classOf(a) - classOf(b));
    for (let n = 0; n < run.length; n++) points[start + n] = run[n];
  }
}
