"""The vectors by the model that ships: those of an earlier index are reused only if the same model, policy and code made them."""

import shutil
from dataclasses import replace

import numpy as np
import pytest
from pocketrag.export import passages

from pocketrag import beir, stage
from pocketrag.litert import LiteRtEmbedder
from pocketrag.manifest import read_manifest
from pocketrag.recipe import read_recipe
from pocketrag.work import index_settings
from tests.changes import CHANGES, change
from tests.conftest import make_data, make_recipe


@pytest.fixture
def embedded(tiny_bundle, tmp_path):
    """What embeds the corpus into an index folder, and the recipe with its data in a folder of its own."""
    folder = make_data(tmp_path)
    file = make_recipe(folder, tmp_path, extra='documents = "shipped"')
    lite = LiteRtEmbedder(tiny_bundle, read_manifest(tiny_bundle).embedder)
    model = stage.Stage(tmp_path, {}, "model", ran=False)

    def run(name="index"):
        recipe, room = read_recipe(str(file)), tmp_path / name

        def make(out):
            corpus, earlier = beir.read_corpus(recipe.data.corpus), passages.earlier_index(room, model, recipe)
            vectors, facts = passages.shipped_vectors(recipe, corpus, lite, earlier, out)
            np.save(out / passages.EMBEDDINGS, vectors)
            return facts

        inputs = {"quantize": model.digest, "corpus": recipe.data_digests()["corpus"]}
        return stage.run(room, passages.WING, inputs, index_settings(recipe), make)

    return run, folder, model


@pytest.mark.parametrize("name", CHANGES)
def test_only_what_changed_is_embedded(embedded, name):
    run, folder, _ = embedded
    assert (run().facts["embedded"], run().facts["reused"]) == (70, 0)
    count = change(folder, name)
    again, fresh = run(), run("fresh")
    assert again.facts["embedded"] == count and fresh.facts["reused"] == 0 and again.digest == fresh.digest


def test_another_model_policy_code_or_damage_reuses_nothing(embedded, monkeypatch):
    run, folder, model = embedded
    room, recipe = run().folder, read_recipe(str(folder / "tiny.toml"))
    assert passages.earlier_index(room, model, recipe)
    assert not passages.earlier_index(room, replace(model, digest="another"), recipe)
    cut = recipe.model_copy(update={"export": recipe.export.model_copy(update={"long_passages": "cut"})})
    assert not passages.earlier_index(room, model, cut)
    with monkeypatch.context() as patch:
        patch.setattr(stage, "_code", lambda wing: "another")
        assert not passages.earlier_index(room, model, recipe)
    damaged = shutil.copytree(room, folder / "damaged")
    (damaged / "embeddings.texts").write_text("")
    assert not passages.earlier_index(damaged, model, recipe)
