// The encoders of a bundle, asked one after another until one gives a question's vector; runtime/encoders.py does the same.

import { prompted } from "./clean.js";
import { openModel } from "./litert.js";
import { text } from "./loading.js";
import { selfTest } from "./self-test.js";
import { fit, padded, readTokenizer } from "./tokenizer.js";

/** Tokenizes and embeds, each text through the shortest length that holds it. */
class Embedder {
  constructor(spec, tokenize, model) {
    Object.assign(this, { spec, tokenize, model });
  }

  prompt(question) {
    return prompted(this.spec.prompts.query, question);
  }

  ids(promptedText) {
    return fit(this.tokenize(promptedText), this.spec.lengths[this.spec.lengths.length - 1]);
  }

  async embed(ids) {
    const length = this.spec.lengths.find((one) => one >= ids.length);
    const vector = await this.model.run(padded(ids, length, this.spec.tokenizer));
    if (!vector.every(Number.isFinite) || vector.every((value) => value === 0)) throw Error("it gave a vector of NaN, infinity or zeros");
    return vector;
  }
}

/** At most one of them is open: a model takes memory. */
export class Encoders {
  #files;
  #manifest;
  #searcher;
  #told;
  #open = null;
  #broken = new Map();
  tests = new Map();

  /**
   * @param searcher ranks, for the self-test
   * @param told is called with a sentence on what is being done
   */
  constructor(files, manifest, searcher, told) {
    this.#files = files;
    this.#manifest = manifest;
    this.#searcher = searcher;
    this.#told = told;
  }

  get memory() {
    return this.#open?.embedder.model.memory ?? 0;
  }

  /** The encoders from one on, in the order in which they are asked. */
  chain(name) {
    const all = this.#manifest.encoders;
    return all.slice(all.findIndex((encoder) => encoder.name === name));
  }

  /** Asks for a question's vector; a null encoder is full text alone. */
  async ask(question, mode, start) {
    const failures = [];
    const why = (answered) => (failures.length ? `${failures.join("; ")}; ${answered} answered` : null);
    for (const encoder of this.chain(start)) {
      const how = mode ?? encoder.fusion.mode;
      if (how === "bm25") break;
      try {
        const embedder = await this.open(encoder), begun = performance.now();
        const ids = embedder.ids(embedder.prompt(question)), tokenized = performance.now();
        const vector = await embedder.embed(ids);
        const times = { tokens: tokenized - begun, model: performance.now() - tokenized };
        return { encoder, vector, mode: how, fellBack: why(encoder.name), times, tokens: ids.length };
      } catch (error) {
        failures.push(`the encoder ${encoder.name} can't be used (${error.message})`);
      }
    }
    return { encoder: null, vector: null, mode: "bm25", fellBack: why("full text alone"), times: {}, tokens: 0 };
  }

  /** Opens the first of the chain that can be; says in one sentence each why others could not. */
  async openFirst(start) {
    const failures = [];
    for (const encoder of this.chain(start)) {
      try {
        await this.open(encoder);
        return { encoder, failures };
      } catch (error) {
        failures.push(`The encoder ${encoder.name} can't be used: ${error.message}.`);
      }
    }
    return { encoder: null, failures };
  }

  /** Returns the open encoder; one that could not be opened, or failed its self-test, is not tried again. */
  async open(encoder) {
    if (this.#open?.name === encoder.name) return this.#open.embedder;
    if (this.#broken.has(encoder.name)) throw this.#broken.get(encoder.name);
    this.#open = null; // its memory goes before the next one's comes
    try {
      const embedder = await this.#load(encoder);
      await this.#prove(encoder, embedder);
      this.#open = { name: encoder.name, embedder };
      return embedder;
    } catch (error) {
      this.#broken.set(encoder.name, error);
      throw error;
    }
  }

  async #load({ name, file, embedder }) {
    this.#told(`Loading the encoder ${name}`);
    const tokenize = readTokenizer(await this.#files.load(`bundle/${embedder.tokenizer.file}`), embedder.tokenizer);
    return new Embedder(embedder, tokenize, await openModel(this.#files, await this.#files.load(`bundle/${file}`), embedder));
  }

  async #prove(encoder, embedder) {
    this.#told(`Self-test of the encoder ${encoder.name}`);
    const golden = JSON.parse(text(await this.#files.load(`bundle/${encoder.golden}`)));
    if (golden.model_id !== this.#manifest.model_id) throw Error(`${encoder.golden} is of ${golden.model_id}`);
    const found = await selfTest(encoder, golden, embedder, this.#searcher);
    this.tests.set(encoder.name, found);
    const failed = found.checks.find((check) => !check.passed);
    if (failed) throw Error(`it failed its self-test: ${failed.name} ${failed.value.toFixed(4)}, at least ${failed.limit}`);
  }
}
