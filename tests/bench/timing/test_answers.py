"""Whole answers of one encoder, timed in a process of its own."""

import pytest
from pocketrag.bench.timing.answers import time_answers

from pocketrag.errors import PocketragError
from pocketrag.formats.layout import DATABASE
from pocketrag.formats.manifest import read_manifest


@pytest.fixture
def opened(tiny_built):
    bundle = tiny_built / "out" / "tiny"
    manifest = read_manifest(bundle)
    return manifest.main, bundle, (bundle / DATABASE, manifest.vectors_model_id)


def test_an_answer_has_a_time_a_ratio_and_memory(opened):
    found = time_answers(*opened, ["What is a forest?", "Who lives in the desert?", "Where?"] * 40)
    assert found.n == 60 and found.ms > 0 and found.of_reference > 0 and found.memory_mb > 0


def test_a_process_that_ends_early_is_said(opened, tmp_path):
    encoder, _, database = opened
    with pytest.raises(PocketragError, match="ended early"):
        time_answers(encoder, tmp_path, database, ["What is a forest?"])
