"use strict";
const columns = JSON.parse(document.body.dataset.columns);
const store = "pocketrag review " + document.body.dataset.set;
const articles = [...document.querySelectorAll("article")];
const field = (article) => article.querySelector("textarea");

// As review_table.py guards its cells: no spreadsheet takes one for a formula.
function guarded(cell) {
  return /^'*[=+\-@\t\r＝＋－＠]/.test(cell) ? "'" + cell : cell;
}
function csv(rows) {
  const line = (cells) => cells.map((cell) => '"' + guarded(cell).replaceAll('"', '""') + '"').join(",");
  return "\ufeff" + [columns, ...rows].map(line).join("\r\n") + "\r\n";
}
function wordOf(article) {
  const chosen = article.querySelector("input:checked").value;
  const changed = field(article).value.trim() !== field(article).dataset.written;
  return changed && chosen !== "reject" ? "mend" : chosen;
}
function row(article) {
  const cells = { ...article.dataset, decision: wordOf(article), question: field(article).value.trim(),
    written: field(article).dataset.written, passage_id: article.dataset.passageId };
  cells.title = article.querySelector(".title").textContent;
  cells.passage = article.querySelector(".passage").textContent;
  return columns.map((name) => cells[name]);
}
function show() {
  const count = { "": 0, accept: 0, mend: 0, reject: 0 };
  for (const article of articles) {
    article.dataset.decision = wordOf(article);
    count[article.dataset.decision] += 1;
  }
  document.getElementById("counts").textContent =
    `${count.accept} accepted, ${count.mend} mended, ${count.reject} rejected, ${count[""]} to look at`;
}
function keep() {
  show();
  const said = articles.filter((one) => one.dataset.decision).map((one) => [one.dataset.id, one.dataset.decision, field(one).value]);
  try { localStorage.setItem(store, JSON.stringify(said)); } catch { /* a browser that keeps nothing for files */ }
}
function restore() {
  let said = [];
  try { said = JSON.parse(localStorage.getItem(store) ?? "[]"); } catch { return; }
  const byId = new Map(articles.map((one) => [one.dataset.id, one]));
  for (const [id, word, text] of said) {
    const article = byId.get(id);
    if (!article) continue;
    field(article).value = text;
    choose(article, word === "mend" ? "accept" : word);
  }
}
function choose(article, word) {
  article.querySelector(`input[value="${word}"]`).checked = true;
}
function step(from, by) {
  const seen = articles.filter((one) => one === from || one.offsetParent !== null);
  const next = seen[seen.indexOf(from) + by] ?? (from ? null : seen[0]);
  if (next) { next.focus(); next.scrollIntoView({ block: "nearest" }); }
}
function save() {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([csv(articles.map(row))], { type: "text/csv" }));
  link.download = "review.csv";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}
const KEYS = {
  j: (article) => step(article, 1),
  k: (article) => step(article, -1),
  a: (article) => { choose(article, "accept"); step(article, 1); },
  r: (article) => { choose(article, "reject"); step(article, 1); },
  u: (article) => { choose(article, ""); field(article).value = field(article).dataset.written; },
  e: (article) => field(article).focus(),
  s: () => save(),
};
document.addEventListener("keydown", (event) => {
  const article = document.activeElement.closest("article");
  if (event.target.matches("textarea")) {
    if (event.key === "Escape") article.focus();
    return;
  }
  const act = KEYS[event.key];
  if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
  if (!article && !"js".includes(event.key)) return;
  event.preventDefault();
  act(article);
  keep();
});
document.addEventListener("input", keep);
document.getElementById("save").addEventListener("click", save);
document.getElementById("open").addEventListener("change", (event) => document.body.classList.toggle("open", event.target.checked));
restore();
show();
