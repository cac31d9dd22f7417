// What the page shows. Nothing of the bundle is taken for HTML: every text goes in as text.

import { element, marked } from "./elements.js";
import { megabytes, milliseconds, MODES, shown } from "./words.js";

export const by = (id) => document.getElementById(id);

export function showStage(text) {
  by("stage").textContent = text;
}

export function showProgress(path, loaded, total) {
  by("bar").max = total || loaded || 1;
  by("bar").value = loaded;
  by("file").textContent = `${path}: ${megabytes(loaded)} of ${megabytes(total)}`;
}

/** Sentences that a reader has to know: why something is not as it should be. */
export function showNotes(sentences) {
  by("notes").replaceChildren(...sentences.map((sentence) => element("li", {}, sentence)));
}

export function showBundle(facts, encoder) {
  document.title = `${facts.name} ${facts.version}`;
  by("name").textContent = facts.name;
  by("about").textContent = `${facts.passages} passages, version ${facts.version}. All of it runs in this browser: no question leaves it.`;
  const options = facts.encoders.map((one) => {
    const shown = `${one.name} (${megabytes(one.bytes)})`;
    return element("option", { value: one.name, selected: one.name === facts.start }, shown);
  });
  by("encoder").replaceChildren(...options);
  showFacts(facts, encoder);
}

function showFacts(facts, encoder) {
  const rows = [
    ["Passages", `${facts.passages}`],
    ["Encoder", encoder ?? "none: full text alone"],
    ["Memory", `${megabytes(facts.memory.model)} model, ${megabytes(facts.memory.database)} database`],
    ...Object.entries(facts.tests).map(([name, test]) => [`Self-test of ${name}`, told(test)]),
  ];
  by("list").replaceChildren(...rows.flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value)]));
  by("licence").textContent = Object.entries(facts.licences).map(([what, licence]) => `${what}: ${licence}`).join("; ");
}

function told(test) {
  const figures = test.checks.map((one) => `${one.name} ${one.value.toFixed(4)} (at least ${one.limit}, n = ${one.n}${one.passed ? "" : ", failed"})`);
  return `${test.compared} of ${test.texts} golden texts; ${figures.join("; ")}`;
}

export function showNotice(text) {
  by("notice").textContent = text;
}

export function showAnswer(answer) {
  const told = by("told");
  told.textContent = sentence(answer);
  told.classList.toggle("unsure", answer.abstain || answer.hits.length === 0);
  by("hits").replaceChildren(...answer.hits.map(hit));
  by("times").textContent = timing(answer);
  by("answer").hidden = false;
}

/** What is wrong with what was asked. */
export function showRefusal(text) {
  by("told").textContent = text;
  by("told").classList.add("unsure");
  by("hits").replaceChildren();
  by("times").textContent = "";
  by("answer").hidden = false;
}

function sentence({ abstain, best, threshold, hits, nothing, mode, encoder, fellBack }) {
  const how = `${hits.length} passage${hits.length === 1 ? "" : "s"} ${MODES[mode]}${encoder ? `, encoder ${encoder}` : ""}.`;
  const unsure = abstain ? `Probably not in this corpus: the best cosine is ${shown(best)}, below ${threshold}. ` : "";
  const none = hits.length ? how : `Nothing found: ${nothing}.`;
  return `${unsure}${none}${fellBack ? ` Not as asked: ${fellBack}.` : ""}`;
}

function hit(found) {
  const source = [found.source, found.page === null ? null : `page ${found.page}`].filter((part) => part !== null);
  const ranks = [
    `rank ${found.rank}`, found.cosine === null ? null : `cosine ${shown(found.cosine)}`,
    found.denseRank ? `place ${found.denseRank} by meaning` : null, found.textRank ? `place ${found.textRank} by words` : null,
  ].filter((part) => part !== null);
  return element("li", { "data-id": found.id },
    element("h2", {}, marked(found.title || found.id, found.title ? found.titleMarks : [])),
    element("p", { class: "small" }, [...source, ...ranks].join(" · ")),
    element("p", {}, marked(found.text, found.marks)));
}

function timing({ times, tokens, memory }) {
  const model = times.model === undefined ? [] : [`tokens ${milliseconds(times.tokens)} (${tokens})`, `model ${milliseconds(times.model)}`];
  const parts = [...model, `search ${milliseconds(times.search)}`];
  return `${parts.join(", ")}; memory ${megabytes(memory.model + memory.database)}`;
}
