"""The page's worker, asked by a test as the page asks it."""

from __future__ import annotations

import json
from typing import Any

from tools.browser import Visit

#: A worker of the test's own beside the page's: the same file, the same messages.
START = """new Promise(done => {
  const worker = window.asked = new Worker("js/worker.js");
  window.answers = new Map();
  worker.onmessage = ({data}) => {
    if (["ready", "failed", "chosen"].includes(data.kind)) window.said = data;
    if (data.number !== undefined) window.answers.set(data.number, data);
    if (["ready", "failed"].includes(data.kind)) done(data);
  };
  worker.onerror = event => done({kind: "failed", text: event.message});
})"""
CHOOSE = """new Promise(done => {
  window.asked.addEventListener("message", ({data}) => { if (data.kind === "chosen" || data.kind === "error") done(data); });
  window.asked.postMessage({kind: "encoder", name: NAME});
})"""
ASK = """new Promise(done => {
  const asked = ASKED, answers = [];
  window.asked.addEventListener("message", ({data}) => {
    if (data.kind !== "answer" && data.kind !== "error") return;
    answers.push(data.answer ?? data);
    if (answers.length === asked.length) done(answers);
  });
  asked.forEach(([question, options], number) => window.asked.postMessage({kind: "ask", number, question, options}));
})"""


def start(visit: Visit) -> dict[str, Any]:
    """Return what the worker says once it is ready, or that it failed."""
    found: dict[str, Any] = visit.ask(START)
    return found


def choose(visit: Visit, name: str) -> dict[str, Any]:
    """Take another encoder."""
    found: dict[str, Any] = visit.ask(CHOOSE.replace("NAME", json.dumps(name)))
    return found


def ask(visit: Visit, questions: list[str], mode: str | None = None, limit: int = 10) -> list[dict[str, Any]]:
    """Return the answers to questions."""
    rows = [[question, {"mode": mode, "limit": limit, "threshold": None}] for question in questions]
    found: list[dict[str, Any]] = visit.ask(ASK.replace("ASKED", json.dumps(rows)))
    return found
