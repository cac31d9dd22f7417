-- The queries of pocketrag, used word for word by the desktop runtime and the app. Each begins at a line `-- name: …`.

-- name: metadata
SELECT key, value FROM metadata;

-- name: vectors
-- All vectors, for the dense score by brute force; ties in score are broken by id, in this order.
SELECT chunks.id, chunk_vectors.vector FROM chunk_vectors JOIN chunks USING (n) ORDER BY chunks.id;

-- name: question
-- Once a connection, before `ask`: where FTS5 itself cuts a question into words, as it cut the passages.
CREATE VIRTUAL TABLE IF NOT EXISTS temp.question USING fts5(text, tokenize = 'unicode61 remove_diacritics 2 categories ''L* N* Co Mn Mc''');

-- name: question_words
CREATE VIRTUAL TABLE IF NOT EXISTS temp.question_words USING fts5vocab('temp', 'question', 'row');

-- name: forget
DELETE FROM temp.question;

-- name: ask
-- ?1 a question, folded as the passages were.
INSERT INTO temp.question (text) VALUES (?1);

-- name: match
-- The question as an FTS5 query that can't fail: its known words and their stems, quoted, joined by OR; NULL where it has none.
-- ?2 what is also asked, a JSON list: ["6.11.4", "水*"]. Names of several parts as phrases, so that their order counts, and three times
-- where they hold a digit: who names a number means it; with a * at the end whatever begins so (docs/languages.md).
-- What stands in more than half of the passages, and in more than ten, has no weight in BM25 and is left out. ?1 how many entries of
-- the index may be read: the rarest words come first, and at least one is looked up. 128 words are more than any question has.
WITH asked (word, stem) AS MATERIALIZED (
  SELECT term, coalesce(words.stem, term) FROM temp.question_words LEFT JOIN words ON words.word = term
),
terms (term, passages) AS (
  SELECT '{title text} : "' || words.word || '"', words.passages FROM asked JOIN words ON words.word = asked.word
  UNION
  SELECT 'stems : "' || stems.stem || '"', stems.passages FROM asked JOIN stems ON stems.stem = asked.stem
),
ranked (term, place, entries) AS (
  SELECT term, row_number() OVER rarest, sum(passages) OVER rarest FROM terms
  WHERE passages > 0 AND 2 * passages <= (SELECT max(20, CAST(value AS INTEGER)) FROM metadata WHERE key = 'total_chunks')
  WINDOW rarest AS (ORDER BY passages, term ROWS UNBOUNDED PRECEDING)
)
SELECT group_concat(term, ' OR ') FROM (
  SELECT term FROM (
    SELECT term, place FROM ranked WHERE place = 1 OR (place <= 256 AND entries <= ?1)
    UNION ALL
    SELECT '{title text} : "' || rtrim(value, '*') || '"' || iif(value GLOB '*[*]', ' *', ''), 1000 + key
    FROM json_each(?2) JOIN (VALUES (1), (2), (3)) AS times
    WHERE (times.column1 = 1 OR value GLOB '*[0-9]*') AND (
      EXISTS (SELECT 1 FROM terms WHERE passages > 0)
      OR value GLOB '*[*]' AND EXISTS (
        SELECT 1 FROM words WHERE word BETWEEN rtrim(value, '*') AND rtrim(value, '*') || char(1114111) AND passages > 0
      )
    )
  ) ORDER BY place
);

-- name: known
-- Of the words asked: how many there are, and how many the passages have, as they are or by their stem.
SELECT count(*), count(CASE WHEN words.passages > 0 OR stems.passages > 0 THEN 1 END)
FROM temp.question_words LEFT JOIN words ON words.word = term LEFT JOIN stems ON stems.stem = coalesce(words.stem, term);

-- name: bm25
-- ?1 the FTS5 query of `match`, ?2 a limit. bm25() is negative, better is smaller; the title counts twice.
-- Ids are fetched for the best alone, and for all that tie with the last of them: half of the time at 100 000 passages. A score that
-- is NULL means a damaged index, and comes back to be seen.
WITH found (n, score) AS MATERIALIZED (
  SELECT rowid, -bm25(chunks_fts, 2.0, 1.0, 1.0) FROM chunks_fts WHERE chunks_fts MATCH ?1
),
least (score) AS (SELECT min(score) FROM (SELECT score FROM found ORDER BY score DESC LIMIT ?2))
SELECT chunks.id, found.score FROM found JOIN least ON found.score >= least.score OR found.score IS NULL JOIN chunks USING (n)
ORDER BY found.score DESC, chunks.id
LIMIT ?2;

-- name: bm25_where
-- The same among passages whose metadata are as ?3 says: a JSON object of lists, {"source": ["rules"], "language": ["fr", "en"]}.
SELECT chunks.id, -bm25(chunks_fts, 2.0, 1.0, 1.0) AS score
FROM chunks_fts JOIN chunks ON chunks.n = chunks_fts.rowid
WHERE chunks_fts MATCH ?1 AND NOT EXISTS (
  SELECT 1 FROM json_each(?3) AS wanted WHERE NOT EXISTS (
    SELECT 1 FROM json_each(chunks.metadata) AS found JOIN json_each(wanted.value) AS one ON one.value = found.value
    WHERE found.key = wanted.key
  )
)
ORDER BY score DESC, chunks.id
LIMIT ?2;

-- name: where
-- The ids of those passages, for the dense score. ?1 the same JSON object.
SELECT chunks.id FROM chunks WHERE NOT EXISTS (
  SELECT 1 FROM json_each(?1) AS wanted WHERE NOT EXISTS (
    SELECT 1 FROM json_each(chunks.metadata) AS found JOIN json_each(wanted.value) AS one ON one.value = found.value
    WHERE found.key = wanted.key
  )
);

-- name: nearest
-- Candidates from sqlite-vec, where its table is there: ?1 the question's bytes as vec_int8, ?2 a limit. Rescore them with `vectors`.
SELECT chunks.id FROM chunk_vec JOIN chunks ON chunks.n = chunk_vec.rowid
WHERE chunk_vec.vector MATCH vec_int8(?1) AND chunk_vec.k = ?2 ORDER BY chunk_vec.distance;

-- name: passage
SELECT n, id, title, text, source, page, parent, metadata FROM chunks WHERE id = ?1;

-- name: section
-- The passages of one section, in reading order; a parent that is itself a passage comes with them. ?1 the parent.
SELECT n, id, title, text, source, page, parent, metadata FROM chunks WHERE parent = ?1
UNION SELECT n, id, title, text, source, page, parent, metadata FROM chunks WHERE id = ?1 ORDER BY n;

-- name: neighbours
-- The passages before and behind one, of the same source. ?1 its `n`, ?2 how many on each side, ?3 its source.
SELECT n, id, title, text, source, page, parent, metadata FROM chunks
WHERE n BETWEEN ?1 - ?2 AND ?1 + ?2 AND source IS ?3 ORDER BY n;
