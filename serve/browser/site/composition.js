// NFC as the `tokenizers` library knows it (The Unicode Standard, 3.11); the browser's is of another Unicode version.

import { addApart, apart, classOf, flagSet, HANGUL, HANGULS } from "./unicode.js";

const FIRST_MARK = 0x300, LEAD = 0x1100, LEADS = 19, VOWEL = 0x1161, VOWELS = 21, TRAIL = 0x11a7, TRAILS = 28;
const key = (first, second) => first * 0x110000 + second;

/** (first, second) -> what the two are together. */
const pairs = new Map();
const excluded = flagSet({ EXCLUDED: 1 });
// The shorter first: of three code points the first two are one by then.
for (const [code, parts] of [...apart].sort((a, b) => a[1].length - b[1].length)) {
  if (excluded[code]) continue;
  const first = parts.slice(0, -1).reduce((left, right) => pairs.get(key(left, right)));
  pairs.set(key(first, parts[parts.length - 1]), code);
}

export function nfc(text) {
  const points = Array.from(text, (letter) => letter.codePointAt(0));
  if (points.every((code) => code < FIRST_MARK)) return text;
  const parts = [];
  for (const code of points) addApart(parts, code);
  putMarksInOrder(parts);
  return spelled(composed(parts));
}

/** The text of code points: of as many as there are, where `fromCodePoint(...points)` has a limit. */
export const spelled = (points) => points.map((code) => String.fromCodePoint(code)).join("");

function composed(points) {
  const out = [];
  let starter = -1, last = 0; // the class of the last one behind the starter
  for (const code of points) {
    const kind = classOf(code), free = starter >= 0 && (out.length === starter + 1 || last < kind);
    const whole = free ? together(out[starter], code) : undefined;
    if (whole !== undefined) {
      out[starter] = whole;
      continue;
    }
    if (kind === 0) starter = out.length;
    last = kind;
    out.push(code);
  }
  return out;
}

function together(first, second) {
  if (first >= LEAD && first < LEAD + LEADS && second >= VOWEL && second < VOWEL + VOWELS) {
    return HANGUL + ((first - LEAD) * VOWELS + second - VOWEL) * TRAILS;
  }
  if (isOpenSyllable(first) && second > TRAIL && second < TRAIL + TRAILS) return first + second - TRAIL;
  return pairs.get(key(first, second));
}

/** Whether a syllable of Hangul may take a final consonant. */
export const isOpenSyllable = (code) => code >= HANGUL && code < HANGUL + HANGULS && (code - HANGUL) % TRAILS === 0;

/** The canonical ordering of NFD (The Unicode Standard, 3.11): each run of marks by its classes, equal ones as they came. */
export function putMarksInOrder(points) {
  for (let at = 0; at < points.length; at++) {
    const start = at;
    while (at < points.length && classOf(points[at]) !== 0) at++;
    if (at - start < 2) continue;
    const run = points.slice(start, at).sort((a, b) => classOf(a) - classOf(b));
    for (let n = 0; n < run.length; n++) points[start + n] = run[n];
  }
}
