"""The stage `fixed`: the base's vectors of the passages that question-side tuning is held to.

Those of the corpus are the reference model's; others, of `data.train_corpus`, are embedded here, once.
"""

from __future__ import annotations

import json

import numpy as np

from pocketrag.formats import files
from pocketrag.formats.data.beir import Passage
from pocketrag.formats.facts.training import FixedFacts
from pocketrag.formats.layout import TRIPLETS
from pocketrag.formats.split import Split
from pocketrag.pipeline.stage import Job
from pocketrag.reference import float_model, reuse
from pocketrag.reference.float_vectors import PASSAGES, SHARD, read_vectors
from pocketrag.reference.shards import Shards

from .model.dev_evaluator import ranked_passages
from .model.fixed import ROWS

#: Vectors of the passages that the corpus lacks, alone: a later run takes them from here.
OTHERS = "others.npy"


def fix(job: Job) -> FixedFacts:
    """Collect the vectors of all passages that the triplets name or development ranks.

    Writes `PASSAGES` float32 [n, dims] and `ROWS`.

    Raises:
        InputError: a file of the stage `split` is damaged.

    """
    split, prompts = job.split(), job.prompts
    chosen = _named(job, split)
    text = {p.id: prompts.passage(p.title, p.text) for p in chosen}
    distinct = list(dict.fromkeys(text.values()))
    shipped = {prompts.passage(p.title, p.text): n for n, p in enumerate(split.passages)}
    known, others = [t for t in distinct if t in shipped], [t for t in distinct if t not in shipped]
    vectors = read_vectors(job.inputs["reference-base"].folder, PASSAGES)[[shipped[t] for t in known]]
    processor, counts = float_model.processor(), {"embedded": 0, "reused": 0}
    if others:
        embedded, counts = _embedded(job, others, processor)
        vectors = np.concatenate([vectors, embedded])
    np.save(job.out / PASSAGES, vectors)
    place = {t: n for n, t in enumerate([*known, *others])}
    files.write_atomic(job.out / ROWS, files.to_json({id_: place[t] for id_, t in text.items()}))
    found = {"passages": len(chosen), "of_reference": len(known), "processor": processor, **counts}
    return FixedFacts.model_validate(found)


def _named(job: Job, split: Split) -> list[Passage]:
    # In the order of the pool, each once.
    wanted = {p.id for p in ranked_passages(job.recipe, split)}
    for line in (job.inputs["mine"].folder / TRIPLETS).read_text("utf-8").split("\n"):
        if line:
            row = json.loads(line)
            wanted |= {row["positive_id"], *row["negative_ids"]}
    return [p for p in split.pool if p.id in wanted]


def _embedded(job: Job, texts: list[str], processor: str) -> tuple[np.ndarray, dict[str, int]]:
    policy = job.recipe.export.long_passages

    def embed(rows: list[int]) -> np.ndarray:
        what, chosen = f"Embedding {len(rows):,} passages of train_corpus, once", [texts[row] for row in rows]
        model = float_model.load_float(job.project.base)

        def encode(some: list[str]) -> np.ndarray:
            # A passage that only trains may be as long as it likes.
            longer = "cut" if policy == "fail" else policy
            return float_model.encode_passages(model, some, longer, float_model.encode_each)

        return Shards(job.checkpoints(), processor, SHARD).embed(chosen, encode, what)

    earlier = job.earlier_by(processor)
    if earlier and not (earlier / OTHERS).is_file():  # all that it named ship
        earlier = None
    vectors, counts = reuse.with_reused(texts, embed, job.out / OTHERS, earlier)
    np.save(job.out / OTHERS, vectors)
    return vectors, counts
