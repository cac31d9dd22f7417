"""Which special tokens LiteRT-LM is told of, and which tokenizers and families are refused."""

import json
import shutil

import pytest

from pocketrag.errors import InputError
from pocketrag.formats.embedder.embedder_folder import read_embedder
from pocketrag.formats.embedder.engine_tokenizer import Around, around, engine_faults
from pocketrag.formats.tokenizer import TokenizerSpec
from tests.random_embedders import make_embedder

JSON = TokenizerSpec(kind="tokenizer.json", file="tokenizer.json")


@pytest.fixture
def folder(tiny_bert, tmp_path):
    return shutil.copytree(tiny_bert, tmp_path / "embedder")


def change(folder, edit):
    file = folder / "tokenizer.json"
    values = json.loads(file.read_text())
    edit(values)
    file.write_text(json.dumps(values))


def template(*single):
    def put(values):
        values["post_processor"]["single"] = list(single)

    return put


TEXT, CLS, SEP = (
    {"Sequence": {"id": "A", "type_id": 0}},
    {"SpecialToken": {"id": "[CLS]", "type_id": 0}},
    {"SpecialToken": {"id": "[SEP]", "type_id": 0}},
)


def test_special_tokens_are_those_that_the_tokenizer_puts_around(folder):
    assert around(folder, JSON) == Around((2,), (3,))
    # Settings of a training change nothing of that.
    change(folder, lambda t: t.update(truncation={"max_length": 3, "strategy": "LongestFirst", "stride": 0, "direction": "Right"}))  # fmt: skip
    assert around(folder, JSON) == Around((2,), (3,))
    change(folder, template(TEXT, SEP))
    assert around(folder, JSON) == Around((), (3,))
    pieces = TokenizerSpec(kind="sentencepiece", file="tokenizer.model", bos=2, eos=1)
    assert around(folder, pieces) == Around((2,), (1,))


@pytest.mark.parametrize(
    ("single", "count"), [((CLS, TEXT), 0), ((CLS, TEXT, SEP, SEP), 2)], ids=["none", "two"]
)
def test_other_than_one_closing_token_is_refused(folder, single, count):
    change(folder, template(*single))
    with pytest.raises(InputError, match=f"one token behind a text, and this one puts {count}"):
        around(folder, JSON)
    assert [f"puts {count}" in fault for fault in engine_faults(read_embedder(folder))] == [True]


def test_sentencepiece_without_a_closing_token_is_refused(folder):
    spec = TokenizerSpec(kind="sentencepiece", file="tokenizer.model", bos=2)
    with pytest.raises(InputError, match="this one puts 0"):
        around(folder, spec)


def test_a_damaged_tokenizer_is_named(folder):
    (folder / "tokenizer.json").write_text("{}")
    with pytest.raises(InputError, match=r"tokenizer\.json: not a readable"):
        around(folder, JSON)


def test_a_family_that_was_never_compared_is_refused(tmp_path):
    folder = make_embedder("embedding_gemma2_text", tmp_path / "embedder", ["the king moves one square"] * 20)
    (fault,) = engine_faults(read_embedder(folder))
    assert fault.startswith("`export.litertlm`:") and "'embedding_gemma2_text'" in fault
    assert "Leave the key out" in fault
