// Int8 scores and fusion, the same numbers as runtime/ranking.py and runtime/vectors.py.

import { compareIds } from "./clean.js";

/** How deep each list is looked at before fusing. */
export const DEPTH = 100;
const LEVELS = 127, RRF = 60;
/** Up to so many passages every vector is compared; beyond, a first stage by signs keeps `CANDIDATES`. */
const BRUTE = 20000, CANDIDATES = 4000;

/** A question's vector float32 [dims] as int8 [dims], half to even, and its scale. */
export function quantized(vector) {
  const scale = vector.reduce((most, value) => Math.max(most, Math.abs(value)), 0) / LEVELS;
  return { scale, bytes: Int8Array.from(vector, (value) => Math.max(-LEVELS, Math.min(LEVELS, halfToEven(value / scale)))) };
}

function halfToEven(value) {
  const below = Math.floor(value), rest = value - below;
  if (rest !== 0.5) return Math.round(value);
  return below % 2 === 0 ? below : below + 1;
}

/** int8 [n, dims] with one scale, by ids in their order. */
export class Vectors {
  constructor(ids, rows, dims, scale, brute = BRUTE, candidates = CANDIDATES) {
    Object.assign(this, { ids, rows, dims, scale, candidates });
    this.places = new Map(ids.map((id, place) => [id, place]));
    this.words = Math.ceil(dims / 32);
    this.bits = ids.length > brute ? signs(rows, ids.length, dims) : null;
  }

  /** The best passages for a question float32 [dims] as [id, approximate cosine]; ties by id. `allowed` are ids to choose among. */
  nearest(vector, limit, allowed = null) {
    const query = quantized(vector);
    let places = [...this.ids.keys()];
    if (allowed) places = places.filter((place) => allowed.has(this.ids[place]));
    if (this.bits && places.length > this.candidates) places = this.#first(query.bytes, places, Math.max(limit, this.candidates));
    const scored = places.map((place) => [this.#product(query.bytes, place), place]);
    scored.sort((a, b) => b[0] - a[0] || a[1] - b[1]);
    return scored.slice(0, limit).map(([product, place]) => [this.ids[place], product * query.scale * this.scale]);
  }

  /** The approximate cosine of one passage with a question float32 [dims]. */
  cosine(vector, id) {
    const query = quantized(vector);
    return this.#product(query.bytes, this.places.get(id)) * query.scale * this.scale;
  }

  #product(query, place) {
    const start = place * this.dims;
    let sum = 0;
    for (let d = 0; d < this.dims; d++) sum += query[d] * this.rows[start + d];
    return sum;
  }

  /** Of places those whose signs differ from the question's in the fewest dims; of equals the first. */
  #first(query, places, keep) {
    const asked = signs(query, 1, this.dims), counts = new Int32Array(this.dims + 1);
    const distances = Int32Array.from(places, (place) => {
      let sum = 0;
      for (let w = 0; w < this.words; w++) sum += bitCount(this.bits[place * this.words + w] ^ asked[w]);
      counts[sum]++;
      return sum;
    });
    let cut = 0, below = 0;
    while (cut < this.dims && below + counts[cut] < keep) below += counts[cut++];
    let missing = keep - below;
    return places.filter((_, at) => distances[at] < cut || (distances[at] === cut && missing-- > 0));
  }
}

/** The sign bits of int8 [n, dims] as uint32 [n, ⌈dims / 32⌉]: 1 where a number is above 0. */
function signs(rows, n, dims) {
  const words = Math.ceil(dims / 32), found = new Uint32Array(n * words);
  for (let row = 0; row < n; row++) {
    for (let d = 0; d < dims; d++) if (rows[row * dims + d] > 0) found[row * words + (d >> 5)] |= 1 << (d & 31);
  }
  return found;
}

function bitCount(word) {
  word -= (word >>> 1) & 0x55555555;
  word = (word & 0x33333333) + ((word >>> 2) & 0x33333333);
  return Math.imul((word + (word >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** How two lists of [id, score] can be joined, by the name that a bundle's manifest says. */
export const FUSIONS = {
  scores: (dense, lexical, weight) => sum([...weighted(normalized(dense), weight), ...weighted(normalized(lexical), 1 - weight)]),
  ranks: (dense, lexical, weight) => sum([...byRank(dense, weight), ...byRank(lexical, 1 - weight)]),
};

const weighted = (ranked, weight) => ranked.map(([id, score]) => [id, weight * score]);
const byRank = (ranked, weight) => ranked.map(([id], place) => [id, weight / (RRF + place + 1)]);

function normalized(ranked) {
  if (!ranked.length) return [];
  const low = ranked[ranked.length - 1][1], high = ranked[0][1];
  return ranked.map(([id, score]) => [id, high > low ? (score - low) / (high - low) : 1]);
}

function sum(parts) {
  const scores = new Map();
  for (const [id, score] of parts) scores.set(id, (scores.get(id) ?? 0) + score);
  return [...scores].sort((a, b) => b[1] - a[1] || compareIds(a[0], b[0]));
}
