"""An answer with its sources, for people."""

from __future__ import annotations

from pocketrag.console import out
from pocketrag.formats.facts.ask import AnsweredFacts, AnswerSource, AskFacts

#: What is said before anything that is no answer.
HEADS = {
    "refused": "The model found no answer in the passages.",
    "abstained": "Probably not in this corpus: {why}.",
    "quotes": "No answer to show ({why}). The passages say:",
}
#: Of a source's text, letters.
FEW = 200


def show_asked(facts: AskFacts) -> None:
    """Print the answers that were not shown as they came."""
    if facts.shown:
        out.print(f"{len(facts.answers)} questions", markup=False)
        return
    for one in facts.answers:
        show_answer(one)


def show_answer(facts: AnsweredFacts) -> None:
    """Print what is shown for one question, its sources, and how long it took."""
    out.print(f"{facts.question}\n", markup=False)
    head = HEADS.get(facts.outcome, "") if facts.why else ""
    if head:
        out.print(head.format(why=facts.why) + "\n", markup=False)
    if facts.outcome != "abstained":
        out.print(f"{facts.text}\n", markup=False, style="bold")
    for source in facts.sources:
        out.print(_source(source), markup=False)
    out.print(f"\n{_times(facts)}\n", markup=False, style="dim")


def _source(source: AnswerSource) -> str:
    text = " ".join(source.text.split())
    where = ", ".join(word for word in (source.source, *source.ids) if word)
    return f"[{source.number}] {source.title}  ({where})\n    {text[:FEW]}{'…' if len(text) > FEW else ''}"


def _times(facts: AnsweredFacts) -> str:
    parts = [f"search {facts.search_seconds:.2f} s"]
    if facts.first_token_seconds is not None:
        parts.append(f"first token {facts.first_token_seconds:.2f} s")
    if facts.tokens_per_second is not None:
        parts.append(f"{facts.tokens_per_second:.1f} tokens/s")
    if facts.tokens:
        parts.append(f"{facts.tokens} tokens")
    return ", ".join(parts)
