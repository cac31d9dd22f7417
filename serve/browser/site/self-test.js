// Compares this browser with what the building machine wrote of one encoder: tokens, vectors, rankings; SelfTest.kt's limits.

/** Models without int8 activations lie nearer to those of another processor. */
const FLOAT = ["float32", "t32-a32-f32-h32"];
const TOP = 10, MODES = ["dense", "bm25", "hybrid"];
/** Vectors are made until all are, or so long; so many are made in any case. */
const SECONDS = 20, LEAST = 8;

const limitsOf = (quantization) =>
  FLOAT.includes(quantization) ? { mean: 0.9999, least: 0.999, overlap: 0.98 } : { mean: 0.997, least: 0.99, overlap: 0.95 };

export async function selfTest(encoder, golden, embedder, searcher) {
  const limits = limitsOf(embedder.spec.quantization), texts = golden.texts;
  const right = texts.filter((one) => sameTokens(one, embedder)).length;
  const { cosines, shares } = await vectors(encoder, questionsFirst(texts), embedder, searcher);
  const figure = (name, value, limit, n) => ({ name, value, limit, n, passed: n > 0 && value >= limit });
  return {
    texts: texts.length, compared: cosines.length,
    checks: [
      figure("tokens", right / texts.length, 1, texts.length),
      figure("mean cosine", mean(cosines), limits.mean, cosines.length),
      figure("least cosine", Math.min(...cosines), limits.least, cosines.length),
      figure("ranking", mean(shares), limits.overlap, shares.length),
    ],
  };
}

function sameTokens(one, embedder) {
  const prompt = one.question === null ? one.prompted : embedder.prompt(one.question);
  return prompt === one.prompted && embedder.ids(prompt).join() === one.ids.join();
}

const questionsFirst = (texts) => [...texts.filter((one) => one.question !== null), ...texts.filter((one) => one.question === null)];

async function vectors(encoder, texts, embedder, searcher) {
  const cosines = [], shares = [], end = performance.now() + SECONDS * 1000;
  for (const one of texts) {
    if (cosines.length >= LEAST && performance.now() > end) break;
    const vector = await embedder.embed(one.ids);
    cosines.push(cosine(vector, floats(one.shipped)));
    if (one.question !== null) shares.push(...overlaps(encoder, one, vector, searcher));
  }
  return { cosines, shares };
}

function overlaps(encoder, one, vector, searcher) {
  return MODES.filter((mode) => one.top[mode]?.length).map((mode) => {
    const found = new Set(searcher.lists(one.question, vector, 100, mode, encoder.fusion).ranked.slice(0, TOP).map(([id]) => id));
    return one.top[mode].filter((id) => found.has(id)).length / one.top[mode].length;
  });
}

const mean = (values) => (values.length ? values.reduce((sum, value) => sum + value, 0) / values.length : -1);

/** -1 where it is no number. */
export function cosine(left, right) {
  const dot = (a, b) => a.reduce((sum, value, at) => sum + value * b[at], 0);
  const value = dot(Array.from(left), right) / Math.sqrt(dot(Array.from(left), left) * dot(Array.from(right), right));
  return left.length === right.length && Number.isFinite(value) ? value : -1;
}

/** Base64 of little-endian float32. */
export function floats(base64) {
  return new Float32Array(Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0)).buffer);
}
