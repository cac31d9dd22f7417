// The bundle, opened in this browser: database, encoders, search.

import { Database } from "./database.js";
import { Encoders } from "./encoders.js";
import { Files, text } from "./loading.js";
import { readManifest, smallest } from "./manifest.js";
import { Searcher } from "./searcher.js";

const SQLITE = "packages/sqlite/";

/** @param tell is called with messages for the page: {kind: "progress", …}, {kind: "stage", text} */
export async function openEngine(tell) {
  const files = new Files((path, loaded, total) => tell({ kind: "progress", path, loaded, total }));
  const stage = (what) => tell({ kind: "stage", text: what });
  stage("Loading the database");
  await files.open();
  const manifest = readManifest(text(await files.load("bundle/manifest.json")));
  const sqlite3 = await startSqlite(files);
  const database = new Database(sqlite3, await files.load("bundle/corpus.db"), text(await files.load("bundle/search.sql")));
  checkTogether(database, manifest);
  const searcher = new Searcher(database), encoders = new Encoders(files, manifest, searcher, stage);
  return new Engine({ files, manifest, sqlite3, database, searcher, encoders });
}

async function startSqlite(files) {
  // Silent: without shared memory it would warn that it keeps no files, and it is not asked to.
  self.sqlite3ApiConfig = { warn() {}, log() {}, debug() {} };
  const wasmBinary = await files.load(`${SQLITE}sqlite3.wasm`);
  const { default: init } = await import(new URL(`../${SQLITE}sqlite3.js`, import.meta.url).href);
  return init({ wasmBinary, print() {}, printErr() {} });
}

function checkTogether(database, manifest) {
  const { model_id: made, embedding_dim: dims } = database.metadata;
  if (made !== manifest.vectorsModel) throw Error(`corpus.db is of the model ${made}, manifest.json names ${manifest.vectorsModel}`);
  const odd = manifest.encoders.find((encoder) => encoder.embedder.dims !== Number(dims));
  if (odd) throw Error(`corpus.db has vectors of ${dims} dims, the encoder ${odd.name} gives ${odd.embedder.dims}`);
}

class Engine {
  constructor(parts) {
    Object.assign(this, parts);
    this.start = smallest(this.manifest).name;
  }

  /** Opens the encoder that is asked first, or what stands in for it. */
  async choose(name = this.start) {
    this.start = name;
    return this.encoders.openFirst(name);
  }

  /** Answers a question; times in milliseconds. */
  async ask(question, { mode, limit, threshold, where }) {
    const asked = await this.encoders.ask(question, mode, this.start), begun = performance.now();
    const answer = this.searcher.answer(question, asked, { limit, threshold, where, standard: this.encoders.chain(this.start)[0] });
    return { ...answer, tokens: asked.tokens, times: { ...asked.times, search: performance.now() - begun }, memory: this.memory };
  }

  /** Bytes that models and database hold in WebAssembly. */
  get memory() {
    return { model: this.encoders.memory, database: this.sqlite3.wasm.heap8u().length };
  }

  /** What the page says of the bundle. */
  get facts() {
    const { name, version, verdict, counts, licences, encoders, files } = this.manifest;
    return {
      name, version, licences, passages: this.database.vectors.ids.length, ships: verdict?.ships ?? null, counts, start: this.start,
      encoders: encoders.map((one) => ({
        name: one.name, role: one.role, bytes: files[one.file].bytes, mode: one.fusion.mode, threshold: one.abstention?.threshold ?? null,
      })),
      tests: Object.fromEntries(this.encoders.tests), memory: this.memory,
    };
  }
}
