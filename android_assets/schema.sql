-- corpus.db, schema version 2. Created from this file, word for word.

-- What made this database and how to read it. Keys: schema_version, model_id (of what made the vectors: `vectors.model_id` of the
-- manifest), embedding_dim, total_chunks, vector_format, vector_scale, content_sha256, prompt_document, language (of the stems; ""
-- where there are none). Nothing about the encoders that ask: a new one leaves every byte as it is.
CREATE TABLE metadata (
  key   TEXT PRIMARY KEY NOT NULL,
  value TEXT NOT NULL
) WITHOUT ROWID;

-- The passages, in corpus order: `n` - 1 and `n` + 1 are neighbours. `parent` is the section that a passage was cut from;
-- `metadata` is a JSON object.
CREATE TABLE chunks (
  n        INTEGER PRIMARY KEY,
  id       TEXT NOT NULL UNIQUE,
  title    TEXT NOT NULL,
  text     TEXT NOT NULL,
  source   TEXT,
  page     INTEGER,
  parent   TEXT,
  metadata TEXT NOT NULL
);
CREATE INDEX chunks_parent ON chunks (parent) WHERE parent IS NOT NULL;

-- Full text over title, body and the stems of both, as pocketrag folds them (docs/languages.md), with names of several parts also in one
-- piece behind them; rowid = `n`. It keeps no copy of the texts. Combining marks belong to words: without them Hindi or Tamil falls into single letters.
CREATE VIRTUAL TABLE chunks_fts USING fts5(
  title, text, stems,
  content = '',
  tokenize = 'unicode61 remove_diacritics 2 categories ''L* N* Co Mn Mc'''
);

-- Every word of the passages as `chunks_fts` cuts and folds it, in how many passages it stands, and its stem. Words that only
-- questions may have stand in 0 passages; they are here for their stem. So the app needs no stemmer.
CREATE TABLE words (
  word     TEXT PRIMARY KEY NOT NULL,
  passages INTEGER NOT NULL,
  stem     TEXT
) WITHOUT ROWID;

-- Every stem, and in how many passages it stands. Empty where the database has no stems.
CREATE TABLE stems (
  stem     TEXT PRIMARY KEY NOT NULL,
  passages INTEGER NOT NULL
) WITHOUT ROWID;

-- One vector a passage: `embedding_dim` signed bytes; times `vector_scale` they are the float vector. Readable by any SQLite, and
-- the truth for ranking: a score is the integer dot product of the question's bytes and these.
CREATE TABLE chunk_vectors (
  n      INTEGER PRIMARY KEY REFERENCES chunks (n),
  vector BLOB NOT NULL
);
