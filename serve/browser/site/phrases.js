// What a question asks beside its words: phrases, and beginnings of words; runtime/phrases.py has the same.

import { beside, CUTS, HAN, HANGUL, THAI, whole } from "./folding.js";
import { all, every, joined, MARKED, names, once, pairs } from "./names.js";

/** A question has hardly more of them. */
const MOST = 32;
const EDGE = `([${HAN}${HANGUL}]|[${THAI}]{1,2})?`;
const BETWEEN = every(`${EDGE} ?(?<![0-9A-Za-z.,])([0-9]{1,20})(?![0-9A-Za-z.,])(?= ?${EDGE})`);
const SHORT = every(
  `(?<![0-9${HAN}])[${HAN}](?![0-9${HAN}])|(?<![0-9${HANGUL}])[${HANGUL}](?![0-9${HANGUL}])` +
    `|(?<![0-9${THAI}])[${THAI}]{1,2}(?![0-9${THAI}])`,
);

/** Names, neighbouring numbers and short words, each once; one that ends in `*` asks for whatever begins so. */
export function phrases(question, text) {
  const uncut = whole(question), known = names(text).slice(0, MOST);
  const found = [...known, ...joined(text, MARKED), ...pairs(text, known), ...marked(uncut), ...short(uncut)];
  return once(found).slice(0, MOST);
}

function marked(text) {
  const sides = Array.from(text.matchAll(BETWEEN), (match) => match.slice(1, 4)).filter((side) => side[0] || side[2]);
  return sides.map((side) => side.filter(Boolean).join(" ") + (side[2] ? "*" : ""));
}

function short(text) {
  const runs = CUTS.flatMap(([letters]) => all(letters, text));
  return [...all(SHORT, text), ...runs.flatMap(beside)].map((word) => `${word}*`);
}
