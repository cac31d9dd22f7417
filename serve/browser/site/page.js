// The page: starts the worker that holds the bundle, shows what it says, and hands it the questions.

import { keepOffline } from "./offline.js";
import { filters } from "./filters.js";
import { by, showAnswer, showBundle, showNotes, showNotice, showProgress, showRefusal, showStage } from "./view.js";

let worker = null, asked = 0;

const SHOW = {
  stage: ({ text }) => showStage(text),
  progress: ({ path, loaded, total }) => showProgress(path, loaded, total),
  ready: (message) => { chosen(message); by("form").hidden = false; by("question").focus(); },
  chosen,
  answer: ({ number, answer }) => { if (number === asked) { showAnswer(answer); busy(false); } },
  error: ({ text }) => { showNotes([text]); busy(false); },
  failed: ({ text }) => { by("loading").hidden = true; showNotes([`This bundle can't be searched here: ${text}.`]); },
};

function chosen({ facts, encoder, failures }) {
  by("loading").hidden = true;
  showBundle(facts, encoder);
  showNotes(encoder === null ? [...failures, "Full text alone answers."] : [...failures, ...(failures.length ? [`The encoder ${encoder} answers.`] : [])]);
  busy(false);
}

/** While one question or another encoder is waited for, no other is sent. */
function busy(is) {
  document.querySelector("button").disabled = is;
  by("encoder").disabled = is;
  by("answer").setAttribute("aria-busy", String(is));
}

function ask(event) {
  event.preventDefault();
  let where;
  try {
    where = filters(by("where").value);
  } catch (error) {
    showRefusal(error.message);
    return;
  }
  const question = by("question").value, threshold = by("threshold").valueAsNumber, limit = by("limit").valueAsNumber;
  const options = { mode: by("mode").value || null, limit: limit >= 1 ? Math.min(limit, 50) : 10, threshold: Number.isNaN(threshold) ? null : threshold, where };
  busy(true);
  worker.postMessage({ kind: "ask", number: ++asked, question, options });
}

function choose() {
  busy(true);
  by("loading").hidden = false;
  worker.postMessage({ kind: "encoder", name: by("encoder").value });
}

/** A newer site is there. What is still being loaded would be of both; who reads an answer keeps it. */
function replaced() {
  if (by("form").hidden) location.reload();
  else showNotes(["A newer version of this page is here: reload it."]);
}

async function notice() {
  const answer = await fetch(new URL("../bundle/NOTICE", import.meta.url)).catch(() => null);
  showNotice(answer?.ok ? await answer.text() : "The bundle's NOTICE can't be loaded.");
}

async function start() {
  if (!isSecureContext) {
    SHOW.failed({ text: "the host has to serve it by HTTPS, or browsers neither check nor keep its files" });
    return;
  }
  by("offline").textContent = await keepOffline(replaced);
  worker = new Worker(new URL("./worker.js", import.meta.url));
  worker.onmessage = ({ data }) => SHOW[data.kind](data);
  worker.onerror = (event) => SHOW.failed({ text: `this browser can't run it (${event.message})` });
  by("form").addEventListener("submit", ask);
  by("encoder").addEventListener("change", choose);
  await notice();
}

start();
