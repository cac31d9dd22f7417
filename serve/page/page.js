import { post } from "./api.js";
import { element } from "./elements.js";
import { column } from "./hits.js";
import { listJudged } from "./judged.js";
import { heading, prepare, requests } from "./settings.js";

const form = document.getElementById("ask");
const said = document.getElementById("said");
const answers = document.getElementById("answers");
const SIDES = ["First: ", "Second: "];
// A question that is asked while another is under way takes its place.
let latest = 0;

async function ask(expected) {
  const turn = ++latest;
  said.textContent = "Searching …";
  try {
    const bodies = requests(form);
    const found = await Promise.all(bodies.map(body => post("/search", body)));
    if (turn !== latest) return;
    const ids = found.map(one => new Set(one.hits.map(hit => hit.id)));
    answers.replaceChildren(...found.map((one, n) =>
      column(heading(form, bodies[n], found.length > 1 ? SIDES[n] : ""), one, bodies[n].question, bodies[n].bundle, found.length > 1 ? ids[1 - n] : null)));
    said.textContent = summary(found[0], expected);
    if (form.written?.checked) await write(bodies[0], turn);
  } catch (error) {
    if (turn === latest) said.textContent = error.message;
  }
}

function summary(found, expected) {
  const count = `${found.hits.length} passages.`;
  if (!expected) return count;
  const hit = found.hits.find(one => one.id === expected);
  return `${count} Expected: ${expected}, ${hit ? `in place ${hit.rank}` : "not among them"}.`;
}

async function write(body, turn) {
  said.textContent = "Writing an answer …";
  const { question, bundle } = body;
  const done = await post("/answer", { question, bundle, ...(body.threshold === undefined ? {} : { threshold: body.threshold }) });
  if (turn !== latest) return;
  const sources = done.sources.map(one => element("li", {}, `[${one.number}] ${one.title}`));
  const why = done.why ? element("p", { class: "notice" }, done.why) : null;
  answers.prepend(element("section", { "aria-label": "Answer" }, element("h2", {}, "Answer"), why, element("p", {}, done.text), element("ol", {}, ...sources)));
  said.textContent = done.outcome === "answer" ? "An answer with sources." : "No answer of the model's is shown.";
}

prepare(form);
form.addEventListener("submit", event => {
  event.preventDefault();
  ask();
});
const list = document.getElementById("judged");
if (list) {
  listJudged(list, (question, passage) => {
    form.question.value = question;
    ask(passage);
  });
}
