-- The queries of pocketrag, used word for word by the desktop runtime and the app. Each begins at a line `-- name: …`.

-- name: metadata
SELECT key, value FROM metadata;

-- name: vectors
-- All vectors, for the dense score by brute force; ties in score are broken by id, in this order.
SELECT id, vector FROM chunk_vectors ORDER BY id;

-- name: bm25
-- ?1 an FTS5 query (quoted tokens joined by OR), ?2 a limit. bm25() is negative, better is smaller; the title counts twice.
SELECT chunks.id, -bm25(chunks_fts, 2.0, 1.0) AS score
FROM chunks_fts JOIN chunks ON chunks.n = chunks_fts.rowid
WHERE chunks_fts MATCH ?1
ORDER BY score DESC, chunks.id
LIMIT ?2;

-- name: nearest
-- Candidates from sqlite-vec, where its table is there: ?1 the question's bytes as vec_int8, ?2 a limit. Rescore them with `vectors`.
SELECT id FROM chunk_vec WHERE vector MATCH vec_int8(?1) AND k = ?2 ORDER BY distance;

-- name: passage
SELECT id, title, text, source, page, metadata FROM chunks WHERE id = ?1;
