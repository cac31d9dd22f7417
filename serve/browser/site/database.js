// corpus.db in SQLite's WASM build, in memory and read-only; every query is a statement of search.sql, word for word.

import { clean } from "./clean.js";
import { folded } from "./folding.js";
import { phrases } from "./phrases.js";
import { Vectors } from "./ranking.js";

/** How many entries of the full-text index a question may read. */
const ENTRIES = 20000;
const SCHEMA = "2";
const COLUMNS = ["n", "id", "title", "text", "source", "page", "parent", "metadata"];

/** Returns name -> statement of search.sql's text. */
export function statements(text) {
  const parts = text.split(/^-- name: (\w+)$/m);
  return Object.fromEntries(parts.flatMap((name, at) => (at % 2 ? [[name, parts[at + 1].trim()]] : [])));
}

export class Database {
  #db;
  #queries;

  /**
   * @param sqlite3 the started library
   * @param bytes of corpus.db
   * @param queries the text of search.sql
   */
  constructor(sqlite3, bytes, queries) {
    this.#queries = statements(queries);
    this.#db = opened(sqlite3, bytes);
    this.metadata = Object.fromEntries(this.#all("metadata"));
    if (this.metadata.schema_version !== SCHEMA) throw Error(`corpus.db: schema_version is ${this.metadata.schema_version}; this page reads ${SCHEMA}`);
    this.vectors = this.#vectors();
    this.#db.exec("PRAGMA temp_store = MEMORY");
    for (const name of ["question", "question_words"]) this.#db.exec(this.#queries[name]);
  }

  /** The FTS5 query of any text, null where the database knows none of its words. */
  match(question) {
    const asked = clean(question), text = this.#ask(asked);
    return this.#all("match", [ENTRIES, JSON.stringify(phrases(asked, text))])[0][0];
  }

  /** The best passages as [id, score], higher is better; empty where no word is known. */
  bm25(question, limit) {
    const query = this.match(question);
    if (query === null) return [];
    const found = this.#all("bm25", [query, limit]);
    if (found.some(([, score]) => !Number.isFinite(score))) throw Error("corpus.db: its full-text index is damaged");
    return found;
  }

  /** How many words a question has, and how many of them the passages have. */
  known(question) {
    this.#ask(clean(question));
    return this.#all("known")[0];
  }

  passage(id) {
    const [row] = this.#all("passage", [id]);
    if (!row) throw Error(`corpus.db: holds no passage ${id}`);
    return Object.fromEntries(COLUMNS.map((name, at) => [name, row[at]]));
  }

  #ask(asked) {
    const text = folded(asked);
    this.#db.exec(this.#queries.forget);
    this.#db.exec({ sql: this.#queries.ask, bind: [text] });
    return text;
  }

  #all(name, bind = undefined) {
    return this.#db.exec({ sql: this.#queries[name], bind, rowMode: "array", returnValue: "resultRows" });
  }

  #vectors() {
    const dims = Number(this.metadata.embedding_dim), total = Number(this.metadata.total_chunks), scale = Number(this.metadata.vector_scale);
    const found = this.#all("vectors");
    const whole = found.length === total && scale > 0 && found.every(([, blob]) => blob instanceof Uint8Array && blob.length === dims);
    if (!whole) throw Error(`corpus.db: its vectors are not ${total} of ${dims} bytes`);
    const rows = new Int8Array(total * dims);
    found.forEach(([, blob], at) => rows.set(blob, at * dims));
    return new Vectors(found.map(([id]) => id), rows, dims, scale);
  }
}

function opened(sqlite3, bytes) {
  const { capi, wasm } = sqlite3, db = new sqlite3.oo1.DB(":memory:");
  const flags = capi.SQLITE_DESERIALIZE_FREEONCLOSE | capi.SQLITE_DESERIALIZE_READONLY;
  db.checkRc(capi.sqlite3_deserialize(db.pointer, "main", wasm.allocFromTypedArray(bytes), bytes.length, bytes.length, flags));
  return db;
}
