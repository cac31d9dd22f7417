import { post } from "./api.js";
import { element } from "./elements.js";

/** The judged questions are ranked when somebody opens their list, and one of them is asked when it is pressed. */
export function listJudged(details, ask) {
  const rows = details.querySelector("tbody");
  details.addEventListener("toggle", async () => {
    if (!details.open || rows.children.length) return;
    const said = document.getElementById("said");
    said.textContent = "Ranking the judged questions …";
    try {
      const { questions } = await post("/ranks", {});
      rows.replaceChildren(...questions.map(one => row(one, ask)));
      said.textContent = `${questions.length} judged questions, ${questions.filter(one => one.rank === null).length} without their passage among the first 100.`;
    } catch (error) {
      said.textContent = error.message;
    }
  });
}

function row(one, ask) {
  return element("tr", {},
    element("td", {}, one.rank === null ? "over 100" : String(one.rank)),
    element("td", {}, element("button", { type: "button", onclick: () => ask(one.question, one.passage) }, one.question)),
    element("td", {}, `${one.title} (${one.passage})`));
}
