// Beside the page, so that the page answers the keyboard while a model runs. A classic worker, since LiteRT.js starts its
// runtime with importScripts, which modules lack.
"use strict";

const tell = (message) => self.postMessage(message);
const engine = import("./engine.js").then(({ openEngine }) => openEngine(tell));

async function open() {
  const opened = await engine;
  const { encoder, failures } = await opened.choose();
  tell({ kind: "ready", facts: opened.facts, encoder: encoder?.name ?? null, failures });
}

const WORK = {
  async ask({ number, question, options }) {
    tell({ kind: "answer", number, answer: await (await engine).ask(question, options) });
  },
  async encoder({ name }) {
    const opened = await engine;
    const { encoder, failures } = await opened.choose(name);
    tell({ kind: "chosen", facts: opened.facts, encoder: encoder?.name ?? null, failures });
  },
};

// One after the other: two questions at a time would share one model.
let last = open().catch((error) => tell({ kind: "failed", text: error.message }));
self.onmessage = ({ data }) => {
  last = last.then(() => WORK[data.kind](data)).catch((error) => tell({ kind: "error", number: data.number, text: error.message }));
};
