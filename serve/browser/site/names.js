// Names of several parts in a text, and how else they are written; runtime/names.py says of each what it finds.

const LONGEST = 200;
export const LETTERS =
  "A-Za-z\u00aa\u00b2\u00b3\u00b5\u00b9\u00ba\u00bc-\u00be\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u1fff\u2c00-\u2fef\u3040-\u{10ffff}";
export const LETTER = `[0-9${LETTERS}]`;
export const START = `(?<!${LETTER})`, END = `(?!${LETTER})`;
const HYPHEN = "\u2010-\u2015\u2212\\-";
const WORD = `${LETTER}{1,${LONGEST}}`;
const JOINT = "[\\-_./\\\\:,+*~^|@#%&=\u00b7\u00d7\u066b\u066c\u2010-\u2015\u2212]{1,3}";
const COMPOUND = every(`${START}(?:${WORD}${JOINT}){1,${LONGEST / 2}}${WORD}`);
const ORDINARY = whole(`[${LETTERS}]+(?:[${HYPHEN}][${LETTERS}]+)+|[0-9][${HYPHEN}][0-9]`);
const PART = "(?:[A-Z]{0,4}[0-9]{1,20}[A-Za-z]?|(?<=\\()[A-Za-z]{1,4}(?=\\)))";
const GAP = "(?:[\\-./]|\\)? ?\\(|\\)? )";
const NUMBERS = every(`${START}(?:[A-Z]{1,4} (?=[0-9]))?${PART}(?:${GAP}${PART}){0,20}${END}`);
const NUMBER = "[0-9]{1,20}[A-Za-z]?";
const WORDS = `[${LETTERS} .,;()'\u2019\u00a7\\[\\]\\-]{1,20}`;
const CUTS = "[ \u0e00-\u0eff\u1000-\u11ff\u1780-\u17ff\u3005-\u{3ffff}]{1,60}";
const PAIR = every(`${START}(?=(${NUMBER}(?![${LETTERS}])(?:${WORDS}|${CUTS})${START}${NUMBER})${END})`);
const THOUSANDS = every(`${START}[0-9]{1,3}(?:[ .,'\u2019\u066c][0-9]{3}){1,9}${END}`);
const HYPHENED = every(`${START}[0-9A-Za-z]{1,20}(?:[_/${HYPHEN}][0-9A-Za-z]{1,20}){1,20}${END}`);
export const LETTERED = every(`${START}[0-9]{1,4} [A-Za-z]${END}`);
export const MARKED = every(`${START}[A-Za-z]{1,4} ${NUMBER}${END}`);
const CODE = whole("(?=.*[0-9])(?:.*[A-Za-z].*|.{4,})");

export function every(pattern) {
  return RegExp(pattern, "gu");
}

function whole(pattern) {
  return RegExp(`^(?:${pattern})$`, "u");
}

export const all = (way, text) => Array.from(text.matchAll(way), (match) => match[0]);
export const once = (rows) => [...new Set(rows)];
const points = (text) => Array.from(text).length;

/** The names of several parts in a folded text, each once. */
export function names(text) {
  const found = [...all(COMPOUND, text).filter((name) => !ORDINARY.test(name)), ...numbers(text)];
  return once(found.filter((name) => points(name) <= LONGEST));
}

/** Neighbouring numbers of a folded text, with what is between; not those in `known` names. */
export function pairs(text, known) {
  const found = once(Array.from(text.matchAll(PAIR), (match) => match[1]));
  return found.filter((pair) => !ORDINARY.test(pair) && !known.some((name) => name.includes(pair)));
}

/** In one piece what holds a digit and is written in several: 1000 of 1 000, AB1234 of AB-1234. */
export function joined(text, more) {
  const written = [THOUSANDS, HYPHENED, more].flatMap((way) => all(way, text));
  written.push(...numbers(text).filter((name) => !name.includes(".")));
  return once(written.map((name) => name.replace(/[^0-9A-Za-z]+/g, "")).filter((name) => CODE.test(name)));
}

const numbers = (text) => all(NUMBERS, text).filter((name) => /[ ()]/.test(name));
