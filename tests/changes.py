"""Changes of the tiny corpus, and how many texts each leaves to embed."""

import json
from pathlib import Path


def _text(rows):
    rows[3]["text"] = "the king waits on the clock"


def _title(rows):
    rows[5]["title"] = "the queen asks"


def _add(rows):
    rows.insert(9, {"_id": "new", "title": "the flag", "text": "the flag falls when the phone rings"})


def _remove(rows):
    del rows[7]


def _reorder(rows):
    rows.reverse()


def _metadata(rows):
    rows[2]["metadata"]["page"] = 99


def _double(rows):
    rows.append({**rows[4], "_id": "double"})
    rows += [{"_id": f"twice{n}", "title": "", "text": "the rook wins"} for n in range(2)]


def _everything(rows):
    for each in (_text, _title, _add, _remove, _metadata, _double, _reorder):
        each(rows)


#: name -> (what is done to the corpus's rows, how many texts are then new).
CHANGES = {
    "one text": (_text, 1),
    "a title only": (_title, 1),
    "one more": (_add, 1),
    "one less": (_remove, 0),
    "another order": (_reorder, 0),
    "metadata only": (_metadata, 0),
    "the same text under two ids": (_double, 1),
    "everything at once": (_everything, 4),
}


def change(folder: Path, name: str) -> int:
    """Change `corpus.jsonl`, drop the judgements of what has gone, and return how many texts are to be embedded."""
    apply, count = CHANGES[name]
    rows = [json.loads(line) for line in (folder / "corpus.jsonl").read_text("utf-8").splitlines()]
    apply(rows)
    (folder / "corpus.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    ids = {row["_id"] for row in rows}
    head, *pairs = (folder / "qrels.tsv").read_text("utf-8").splitlines(keepends=True)
    (folder / "qrels.tsv").write_text(
        head + "".join(pair for pair in pairs if pair.split("\t")[1] in ids), "utf-8"
    )
    return count
