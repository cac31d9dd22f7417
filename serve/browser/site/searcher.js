// A question's passages: dense, full text, or both fused, as runtime/rag.py ranks them.

import { clean, strip } from "./clean.js";
import { MatchedWords } from "./matched-words.js";
import { DEPTH, FUSIONS } from "./ranking.js";

export class Searcher {
  #database;
  #words;

  constructor(database) {
    this.#database = database;
    this.#words = new MatchedWords(database);
  }

  /** The ranked passages as [id, score], and the two lists that they come from. */
  lists(question, vector, limit, mode, fusion, where = null) {
    const depth = mode === "hybrid" ? DEPTH : limit;
    const dense = mode !== "bm25" && vector ? this.#database.vectors.nearest(vector, depth, where && this.#database.where(where)) : [];
    const lexical = mode !== "dense" ? this.#database.bm25(question, depth, where) : [];
    const fused = mode === "hybrid" ? FUSIONS[fusion.fusion](dense, lexical, fusion.dense_weight) : dense.length ? dense : lexical;
    return { ranked: fused, dense, lexical };
  }

  /** What the page shows for one question; `asked` is what the encoders said. */
  answer(question, asked, { limit, threshold, where, standard }) {
    if (!strip(question)) throw Error("The question is empty.");
    const encoder = asked.encoder ?? standard;
    const { ranked, dense, lexical } = this.lists(question, asked.vector, limit, asked.mode, encoder.fusion, where);
    const hits = ranked.slice(0, limit).map(([id, score], at) => this.#hit(id, score, at + 1, asked.vector, dense, lexical));
    this.#mark(question, hits);
    const best = dense.length ? dense[0][1] : null, least = threshold ?? encoder.abstention?.threshold ?? null;
    return {
      question: clean(question), mode: asked.mode, encoder: asked.encoder?.name ?? null, fellBack: asked.fellBack, best,
      threshold: least, abstain: best !== null && least !== null && best < least, hits, nothing: hits.length ? null : this.#nothing(question, where),
    };
  }

  #hit(id, score, rank, vector, dense, lexical) {
    const { title, text, source, page } = this.#database.passage(id);
    const place = (list) => list.findIndex(([one]) => one === id) + 1 || null;
    const cosine = vector ? this.#database.vectors.cosine(vector, id) : null;
    return { rank, id, score, title, text, source, page, cosine, denseRank: place(dense), textRank: place(lexical) };
  }

  /** Adds to hits where the question's words stand in text and title. */
  #mark(question, hits) {
    const spans = this.#words.spans(question, hits.flatMap(({ text, title }) => [text, title]));
    hits.forEach((hit, at) => Object.assign(hit, { marks: spans[2 * at], titleMarks: spans[2 * at + 1] }));
  }

  #nothing(question, where) {
    if (where && !this.#database.where(where).size) return "no passage is as the filter says";
    const [asked, known] = this.#database.known(question);
    if (!asked) return "the question holds no letters or digits that full text could look up";
    if (!known) return "none of the question's words stands in a passage";
    if (where) return "no passage that the filter allows holds a word of the question that tells passages apart";
    return "the question's words stand in more than half of the passages, or in none";
  }
}
