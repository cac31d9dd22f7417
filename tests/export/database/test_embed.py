"""The vectors by the model that ships: those of an earlier index are reused only if the same model, policy and code made them."""

import numpy as np
import pytest
from pocketrag.export.database import embed

from pocketrag.formats.data import beir
from pocketrag.formats.manifest import read_manifest
from pocketrag.pipeline.project import Project
from pocketrag.pipeline.run import run as make
from pocketrag.pipeline.stage import After
from pocketrag.pipeline.stages import STAGES
from pocketrag.runtime.embedder import LiteRtEmbedder
from tests.changes import CHANGES, change
from tests.conftest import make_data, make_recipe
from tests.pocketrag.pipeline import tables


@pytest.fixture
def embedded(tiny_bundle, tmp_path, monkeypatch):
    """What embeds the corpus into an index, as the table of stages reuses one; the data; and the model, free to be another."""
    folder = make_data(tmp_path)
    file = make_recipe(folder, tmp_path, extra='documents = "shipped"')
    lite = LiteRtEmbedder(tiny_bundle, read_manifest(tiny_bundle).embedder)
    model = ["model"]

    def quantize(job):
        (job.out / "embedder").write_text(model[0])
        return tables.Anything()

    def index(job):
        corpus = beir.read_corpus(job.recipe.data.corpus)
        vectors, facts = embed.shipped_vectors(job.recipe, corpus, lite, job.earlier_by, job.out)
        np.save(job.out / embed.EMBEDDINGS, vectors)
        return tables.Anything(**facts)

    spec = STAGES["index"]
    tables.use(
        monkeypatch,
        {"quantize": quantize, "index": index},
        quantize={"automatic": True},
        index={
            "after": (After("quantize"),),
            "data": ("corpus",),
            "settings": spec.settings,
            "reuse": spec.reuse,
        },
    )

    def run(work="work"):
        return make(Project.read(str(file), work=str(tmp_path / work)), "index")

    return run, folder, model


@pytest.mark.parametrize("name", CHANGES)
def test_only_what_changed_is_embedded(embedded, name):
    run, folder, _ = embedded
    assert (run().facts.embedded, run().facts.reused) == (70, 0)
    count = change(folder, name)
    again, fresh = run(), run("fresh")
    assert again.facts.embedded == count and fresh.facts.reused == 0 and again.digest == fresh.digest


@pytest.mark.parametrize("other", ["nothing", "model", "policy", "code", "damage"])
def test_another_model_policy_code_or_damage_reuses_nothing(embedded, monkeypatch, other):
    run, folder, model = embedded
    done = run()
    change(folder, "one text")
    if other == "model":
        model[0] = "another"
        (done.folder.with_name("quantize") / "embedder").unlink()
    elif other == "policy":
        file = folder / "tiny.toml"
        file.write_text(file.read_text().replace("[export]", '[export]\nlong_passages = "cut"'))
    elif other == "code":
        tables.set_code(monkeypatch, "another")
    elif other == "damage":
        (done.folder / "embeddings.texts").write_text("")
    assert run().facts.reused == (69 if other == "nothing" else 0)
