// Extended grapheme clusters (UAX #29) as the `tokenizers` library cuts them.

import { isOpenSyllable } from "./composition.js";
import { flagSet, HANGUL, HANGULS } from "./unicode.js";

const EXTEND = 1, SPACING = 2, PREPEND = 4, CONTROL = 8, PICTOGRAPH = 16, CONSONANT = 32, LINKER = 64;
const flags = flagSet({ EXTEND, SPACING, PREPEND, CONTROL, PICTOGRAPH, CONSONANT, LINKER });
const FIRST_MARK = 0x300, CR = 0xd, LF = 0xa, JOINER = 0x200d, NON_JOINER = 0x200c;
const LEAD = 1, VOWEL = 2, TRAIL = 3, OPEN = 4, CLOSED = 5;

/** Returns where the cluster of code points that starts at a place ends. */
export function clusterEnd(points, from) {
  const state = taken({}, points[from]);
  let at = from + 1;
  while (at < points.length && joins(points[at - 1], points[at], state)) taken(state, points[at++]);
  return at;
}

function joins(left, right, state) {
  if (left < FIRST_MARK && right < FIRST_MARK) return left === CR && right === LF;
  const before = flags[left], after = flags[right];
  if ((before | after) & CONTROL) return false;
  return (after & (EXTEND | SPACING)) !== 0 || (before & PREPEND) !== 0 || joinsHangul(left, right) ||
    ((after & CONSONANT) !== 0 && state.linked) || ((after & PICTOGRAPH) !== 0 && state.joined) || (isRegion(right) && state.oddRegions);
}

function joinsHangul(left, right) {
  const first = hangul(left), second = hangul(right);
  if (first === LEAD) return second !== 0 && second !== TRAIL;
  if (first === VOWEL || first === OPEN) return second === VOWEL || second === TRAIL;
  return (first === TRAIL || first === CLOSED) && second === TRAIL;
}

const RANGES = [
  [0x1100, 0x115f, LEAD], [0xa960, 0xa97c, LEAD], [0x1160, 0x11a7, VOWEL], [0xd7b0, 0xd7c6, VOWEL], [0x16d63, 0x16d63, VOWEL],
  [0x16d67, 0x16d6a, VOWEL], [0x11a8, 0x11ff, TRAIL], [0xd7cb, 0xd7fb, TRAIL],
];

function hangul(code) {
  if (code >= HANGUL && code < HANGUL + HANGULS) return isOpenSyllable(code) ? OPEN : CLOSED;
  return RANGES.find(([first, last]) => code >= first && code <= last)?.[2] ?? 0;
}

const isRegion = (code) => code >= 0x1f1e6 && code <= 0x1f1ff;

/** What of the cluster so far decides whether the next one joins: a pictograph and a joiner, a consonant and its link, half a flag. */
function taken(state, code) {
  const found = flags[code], links = (found & LINKER) !== 0;
  state.joined = state.pictograph && code === JOINER;
  state.pictograph = (found & PICTOGRAPH) !== 0 || (state.pictograph && (found & EXTEND) !== 0 && code !== JOINER);
  const extended = state.consonant && (links || ((found & EXTEND) !== 0 && code !== NON_JOINER));
  state.linked = extended && (state.linked || links);
  state.consonant = (found & CONSONANT) !== 0 || extended;
  state.oddRegions = isRegion(code) && !state.oddRegions;
  return state;
}
