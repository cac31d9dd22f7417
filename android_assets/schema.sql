-- corpus.db, schema version 1. Created from this file, word for word.

-- What made this database and how to read it. Keys: schema_version, model_id, embedding_dim, total_chunks, vector_format,
-- vector_scale, content_sha256.
CREATE TABLE metadata (
  key   TEXT PRIMARY KEY NOT NULL,
  value TEXT NOT NULL
) WITHOUT ROWID;

-- The passages, in corpus order. `metadata` is a JSON object.
CREATE TABLE chunks (
  n        INTEGER PRIMARY KEY,
  id       TEXT NOT NULL UNIQUE,
  title    TEXT NOT NULL,
  text     TEXT NOT NULL,
  source   TEXT,
  page     INTEGER,
  metadata TEXT NOT NULL
);

-- Full text over title and body, without a second copy of them.
CREATE VIRTUAL TABLE chunks_fts USING fts5(
  title, text,
  content = 'chunks', content_rowid = 'n',
  tokenize = 'unicode61 remove_diacritics 2'
);

-- One vector a passage: `embedding_dim` signed bytes; times `vector_scale` they are the float vector. Readable by any SQLite, and
-- the truth for ranking: a score is the integer dot product of the question's bytes and these.
CREATE TABLE chunk_vectors (
  id     TEXT PRIMARY KEY NOT NULL REFERENCES chunks (id),
  vector BLOB NOT NULL
) WITHOUT ROWID;
