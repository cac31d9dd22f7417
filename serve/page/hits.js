import { post } from "./api.js";
import { element, marked } from "./elements.js";

/** One column: what was found, why, and how long it took. */
export function column(heading, found, question, bundle, elsewhere) {
  const section = element("section", { "aria-label": heading }, element("h2", {}, heading));
  if (found.fell_back) section.append(element("p", { class: "notice" }, found.fell_back));
  if (found.abstain) {
    const near = `the nearest passage has cosine ${found.best.toFixed(3)}, below ${found.threshold.toFixed(3)}`;
    section.append(element("p", { class: "notice" }, element("strong", {}, "Probably not in this corpus"), `: ${near}.`));
  }
  if (found.nothing) section.append(element("p", { class: "notice" }, `No passage found: ${found.nothing}.`));
  section.append(element("ol", {}, ...found.hits.map(hit => one(hit, question, bundle, elsewhere))));
  if (found.context.length) section.append(context(found.context));
  section.append(element("p", { class: "faint" }, how(found)));
  return section;
}

function one(hit, question, bundle, elsewhere) {
  const only = elsewhere && !elsewhere.has(hit.id);
  const where = [hit.source, hit.page ? `page ${hit.page}` : "", hit.id].filter(Boolean).join(", ");
  return element("li", { class: only ? "only" : null, "data-id": hit.id },
    element("h3", {}, `${hit.rank}. `, marked(hit.title || hit.id, hit.title ? hit.title_marks : [])),
    element("p", { class: "faint" }, [where, why(hit), only ? "only here" : ""].filter(Boolean).join(" · ")),
    element("p", {}, marked(hit.text, hit.marks)),
    element("div", { class: "row" }, vote("Answers the question", 1), vote("Does not", 0)));

  function vote(meaning, score) {
    const name = `${meaning}: ${hit.title || hit.id}`;
    return element("button", { type: "button", "aria-pressed": "false", "aria-label": name, onclick: voted }, meaning);
    async function voted(event) {
      const said = document.getElementById("said");
      try {
        const done = await post("/vote", { bundle, question, passage: hit.id, score });
        event.target.setAttribute("aria-pressed", "true");
        said.textContent = `Kept in ${done.file}.`;
      } catch (error) {
        said.textContent = error.message;
      }
    }
  }
}

function why(hit) {
  const near = hit.cosine === null ? "" : `cosine ${hit.cosine.toFixed(3)}`;
  const meaning = hit.dense_rank ? `place ${hit.dense_rank} by meaning` : "";
  return [near, meaning, hit.bm25_rank ? `place ${hit.bm25_rank} by words` : ""].filter(Boolean).join(", ");
}

function context(blocks) {
  const tokens = blocks.reduce((sum, block) => sum + block.tokens, 0);
  const texts = blocks.map(block => element("pre", {}, `${block.title}\n${block.text}`));
  return element("details", { open: true }, element("summary", {}, `What a generator would get: ${tokens} tokens`), ...texts);
}

function how(found) {
  const times = Object.entries(found.times).map(([name, ms]) => `${name} ${ms.toFixed(1)} ms`).join(", ");
  return `${found.mode}${found.encoder ? `, ${found.encoder}` : ""} · ${times}`;
}
