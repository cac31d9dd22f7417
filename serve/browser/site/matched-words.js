// Which words of a passage are those of a question, as serve/matched_words.py has it: the same, or of the same stem, and not
// too common.

/** What may be a word; FTS5 decides what is one. */
const PIECE = /[\p{L}\p{N}_]+/gu;
/** Words that more passages have say nothing of one of them, such as "a" and "what". */
const COMMON = 0.2;

export class MatchedWords {
  #database;
  #common = null;

  constructor(database) {
    this.#database = database;
  }

  /** Returns of each text where words of the question begin and end, [[begin, end], …]. */
  spans(question, texts) {
    const pieces = texts.map((text) => [...text.matchAll(PIECE)].map((match) => [match.index, match.index + match[0].length]));
    const words = [...new Set(texts.flatMap((text, n) => pieces[n].map(([begin, end]) => text.slice(begin, end))))];
    const [asked, ...stems] = this.#database.stems([question, ...words]);
    const wanted = [...asked].filter((stem) => !this.#tooCommon().has(stem));
    const marked = new Set(words.filter((_, n) => wanted.some((stem) => stems[n].has(stem))));
    return texts.map((text, n) => pieces[n].filter(([begin, end]) => marked.has(text.slice(begin, end))));
  }

  #tooCommon() {
    return (this.#common ??= this.#database.common(COMMON * this.#database.vectors.ids.length));
  }
}
