// Runs the page's own modules under node: `node check.mjs SITE WHAT`, JSON in, JSON out.
import fs from "node:fs";
import { pathToFileURL } from "node:url";

const [, , site, what] = process.argv;
const given = JSON.parse(fs.readFileSync(0, "utf8"));
const part = (name) => import(pathToFileURL(`${site}/${name}.js`));

const CHECKS = {
  async tokens({ file, spec, texts }) {
    const { readTokenizer } = await part("tokenizer");
    const encode = readTokenizer(new Uint8Array(fs.readFileSync(file)), spec);
    return texts.map(encode);
  },
  async refused({ file, spec }) {
    const { readTokenizer } = await part("tokenizer");
    try {
      readTokenizer(new Uint8Array(fs.readFileSync(file)), spec);
    } catch (error) {
      return error.message;
    }
    return null;
  },
  async asked({ texts }) {
    const [{ clean }, { folded }, { phrases }] = await Promise.all(["clean", "folding", "phrases"].map(part));
    return texts.map((text) => { const asked = clean(text), found = folded(asked); return [found, phrases(asked, found)]; });
  },
  async prompted({ template, texts }) {
    const { prompted } = await part("clean");
    return texts.map((text) => prompted(template, text));
  },
  async fusion({ fusion, cases }) {
    const { FUSIONS } = await part("ranking");
    return cases.map(([dense, lexical, weight]) => FUSIONS[fusion](dense, lexical, weight));
  },
  async nearest({ ids, rows, dims, scale, brute, candidates, questions, allowed }) {
    const { Vectors } = await part("ranking");
    const vectors = new Vectors(ids, new Int8Array(Buffer.from(rows, "base64")), dims, scale, brute, candidates);
    return questions.map(([vector, limit]) => vectors.nearest(floats(vector), limit, allowed && new Set(allowed)));
  },
  async quantized({ vectors }) {
    const { quantized } = await part("ranking");
    return vectors.map((vector) => { const { scale, bytes } = quantized(floats(vector)); return [scale, [...bytes]]; });
  },
  async order({ texts }) {
    const { compareIds } = await part("clean");
    return texts.sort(compareIds);
  },
};

function floats(base64) {
  const bytes = Uint8Array.from(Buffer.from(base64, "base64"));
  return new Float32Array(bytes.buffer);
}

process.stdout.write(JSON.stringify(await CHECKS[what](given)));
