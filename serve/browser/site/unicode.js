// What the `tokenizers` library knows of each code point, from unicode-data.js. The browser is not asked: each has the
// Unicode version of its year, and that library has several at once.

import { TABLES } from "./unicode-data.js";

export const OTHER = 1, SPACE = 2, PUNCTUATION = 4, CHINESE = 8, MARK = 16;
const FLAGS = { OTHER, SPACE, PUNCTUATION, CHINESE, MARK };
export const HANGUL = 0xac00, HANGULS = 11172;
const DOTTED_I = 0x130;

const flags = flagSet(FLAGS);
const classes = new Map(), small = new Map();
/** Full canonical decompositions, without Hangul. */
export const apart = new Map();
readClasses(numbers("COMBINING"));
readSmall(numbers("LOWER"));
readApart(numbers("APART"));

export const flagsOf = (code) => flags[code];

/** The canonical combining class, 0 for what starts a sequence. */
export const classOf = (code) => classes.get(code) ?? 0;

export function addSmall(out, code) {
  if (code === DOTTED_I) out.push(0x69, 0x307); // the only one that becomes two
  else out.push(small.get(code) ?? code);
}

/** Adds the full canonical decomposition of a code point, not yet put in order. */
export function addApart(out, code) {
  if (code >= HANGUL && code < HANGUL + HANGULS) addHangul(out, code - HANGUL);
  else if (apart.has(code)) out.push(...apart.get(code));
  else out.push(code);
}

/** The Unicode Standard, 3.12, "Hangul Syllable Decomposition". */
function addHangul(out, index) {
  out.push(0x1100 + Math.floor(index / 588), 0x1161 + (Math.floor(index / 28) % 21));
  if (index % 28 > 0) out.push(0x11a7 + (index % 28));
}

function numbers(name) {
  return TABLES[name].split(" ").map((word) => parseInt(word, 36));
}

/** Returns the flags of each code point: of tables by name, the flag that each one sets. */
export function flagSet(names) {
  const found = new Uint8Array(0x110000);
  for (const [name, flag] of Object.entries(names)) readFlags(found, numbers(name), flag);
  return found;
}

function readFlags(found, table, flag) {
  let code = 0;
  for (let at = 0; at < table.length; at += 2) {
    code += table[at];
    for (let count = table[at + 1]; count > 0; count--) found[code++] |= flag;
  }
}

function readClasses(table) {
  let code = 0;
  for (let at = 0; at < table.length; at += 3) {
    code += table[at];
    for (let count = table[at + 1]; count > 0; count--) classes.set(code++, table[at + 2]);
  }
}

function readSmall(table) {
  let first = 0;
  for (let at = 0; at < table.length; at += 5) {
    const [, count, step, distance, down] = table.slice(at, at + 5);
    first += table[at];
    for (let n = 0; n < count; n++) small.set(first + n * step, first + n * step + (down ? -distance : distance));
  }
}

function readApart(table) {
  let code = 0;
  for (let at = 0; at < table.length; at += 2 + table[at + 1]) {
    code += table[at];
    apart.set(code, table.slice(at + 2, at + 2 + table[at + 1]));
  }
}
