// Numbers and names as a reader wants them.

const number = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });

export const megabytes = (bytes) => `${number.format(bytes / 1e6)} MB`;
export const milliseconds = (value) => `${number.format(value)} ms`;
export const MODES = { dense: "by meaning", bm25: "by words", hybrid: "by meaning and words" };
export const shown = (cosine) => cosine.toFixed(3).replace("-", "\u2212");
