"""A tiny recipe with a generator: a corpus, dialogues of both kinds, an exam, and a tiny language model."""

from pathlib import Path

from tests.conftest import ACTS, PIECES, make_bert, make_data, write_jsonl

#: Passages that the exam is judged on; no dialogue is about them but one, which is left out.
EXAMINED = ("p060", "p061", "p062")


def questions(n: int) -> str:
    """A question of dialogue `n` that no other one resembles."""
    return f"Number {n * 7919 % 1009}: where does a {PIECES[n % 14]} {ACTS[n % 10]}?"


def dialogues(count: int = 24) -> list[dict]:
    """Half of them whole dialogues, half questions that the recipe's template renders."""
    rows: list[dict] = []
    for n in range(count):
        asked, answer = questions(n), f"The {PIECES[n % 14]} {ACTS[n % 10]}. [1]"
        if n % 2:
            rows.append({"question": asked, "passages": [f"p{n:03}"], "answer": answer})
        else:
            turns = [("system", "Be short."), ("user", asked), ("assistant", answer), ("user", "And then?"),
                     ("assistant", "It waits.")]  # fmt: skip
            messages = [{"role": role, "content": content} for role, content in turns[n % 4 // 2 :]]
            rows.append({"messages": messages, "passages": [f"p{n:03}"]})
    rows[1] = {**{k: v for k, v in rows[1].items() if k != "answer"}, "unanswerable": True}
    return rows


def exam() -> list[dict]:
    """Three questions with an answer, and one without."""
    asked = (
        "Who carries the scoresheet home?",
        "Which hand presses the lever?",
        "Is whispering allowed at noon?",
    )
    rows = [
        {"question": text, "answers": ["yes"], "passages": [id_], "category": "rules"}
        for text, id_ in zip(asked, EXAMINED, strict=True)
    ]
    return [*rows, {"question": "What did the grandmaster eat?", "unanswerable": True}]


def make_generator(folder: Path, base: Path, extra: str = "", embedder: Path | None = None) -> Path:
    """Write corpus, dialogues, exam and a recipe whose generator starts from `base`; return the recipe."""
    folder.mkdir(parents=True, exist_ok=True)
    make_data(folder)
    write_jsonl(folder / "dialogues.jsonl", dialogues())
    write_jsonl(folder / "exam.jsonl", exam())
    embedder = embedder or make_bert(folder / "bert")
    file = folder / "tiny.toml"
    file.write_text(f"""
name = "tiny"
[data]
corpus = "corpus.jsonl"
queries = "queries.jsonl"
qrels = "qrels.tsv"
[model]
base = "{embedder}"
licence = "apache-2.0"
[train]
method = "none"
[export]
lengths = [16, 32]
[generator]
base = "{base}"
licence = "apache-2.0"
rank = 4
learning_rate = 5e-3
epochs = 2
batch_size = 4
evaluations = 4
max_tokens = 500
budget = 200
answer_tokens = 32
data = "dialogues.jsonl"
exam = "exam.jsonl"
{extra}
""")
    return file
