// corpus.db in SQLite's WASM build, in memory and read-only. What finds passages are the statements of search.sql, word for
// word; which of their words are marked is asked by statements of the page's own.

import { clean } from "./clean.js";
import { folded } from "./folding.js";
import { phrases } from "./phrases.js";
import { Vectors } from "./ranking.js";

/** Every word of the texts in `question`, with the rowid of its text as `doc`. */
const CUT = "CREATE VIRTUAL TABLE temp.cut_words USING fts5vocab('temp', 'question', 'instance')";
const PUT = "INSERT INTO temp.question (rowid, text) SELECT key, value FROM json_each(?1)";
const STEMS = "SELECT DISTINCT doc, coalesce(words.stem, term) FROM temp.cut_words LEFT JOIN words ON words.word = term";
const COMMON = `SELECT word FROM (
  SELECT word, passages FROM words WHERE stem IS NULL UNION ALL SELECT stem, passages FROM stems
) WHERE passages > ?1`;

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
    this.#db.exec(CUT);
  }

  /** The FTS5 query of any text, null where the database knows none of its words. */
  match(question) {
    const asked = clean(question), text = this.#ask(asked);
    return this.#all("match", [ENTRIES, JSON.stringify(phrases(asked, text))])[0][0];
  }

  /** The best passages as [id, score], higher is better; empty where no word is known. */
  bm25(question, limit, where = null) {
    const query = this.match(question);
    if (query === null) return [];
    const found = where ? this.#all("bm25_where", [query, limit, JSON.stringify(where)]) : this.#all("bm25", [query, limit]);
    if (found.some(([, score]) => !Number.isFinite(score))) throw Error("corpus.db: its full-text index is damaged");
    return found;
  }

  /** The ids of the passages whose metadata are as a filter says: lists of values by key. */
  where(where) {
    return new Set(this.#all("where", [JSON.stringify(where)]).map(([id]) => id));
  }

  /** Of each text the stems of its words, and the words that have none. */
  stems(texts) {
    const found = texts.map(() => new Set());
    this.#db.exec(this.#queries.forget);
    this.#rows(PUT, [JSON.stringify(texts.map(folded))]);
    for (const [text, stem] of this.#rows(STEMS)) found[text].add(stem);
    return found;
  }

  /** Stems, and words without one, that more passages have than so many. */
  common(passages) {
    return new Set(this.#rows(COMMON, [passages]).map(([word]) => word));
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
    return this.#rows(this.#queries[name], bind);
  }

  #rows(sql, bind = undefined) {
    return this.#db.exec({ sql, bind, rowMode: "array", returnValue: "resultRows" });
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
