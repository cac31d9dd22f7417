"""The folder of a generator: what is read, and what is refused by name."""

import hashlib
import json

import pytest

from pocketrag.errors import InputError
from pocketrag.formats.generator import beside, claim, read_generator
from pocketrag.formats.generator.golden_answers import read_golden
from pocketrag.formats.tflite import model_in
from tests.packs import SPEC


@pytest.fixture
def generator(tmp_path):
    folder = tmp_path / "tiny.generator"
    folder.mkdir()
    (folder / "generator.litertlm").write_bytes(b"model")
    write(folder, file={"bytes": 5, "sha256": hashlib.sha256(b"model").hexdigest()})
    return folder


def write(folder, **changes):
    file = folder / "generator.json"
    values = json.loads(file.read_text()) if file.is_file() else SPEC
    file.write_text(json.dumps({**values, **changes}))


def test_what_it_says(generator):
    spec = read_generator(generator)
    assert (spec.name, spec.budget, spec.stop, spec.start.id) == ("tiny", 64, (2,), None)
    assert spec.prompt.refusal == "The passages do not say."
    assert beside(generator.parent / "tiny") == generator


@pytest.mark.parametrize(
    "damage, match",
    [
        (lambda f: (f / "generator.json").unlink(), r"generator\.json: No such file"),
        (lambda f: (f / "generator.json").write_text("{"), r"generator\.json: not JSON"),
        (lambda f: (f / "generator.litertlm").unlink(), r"generator\.litertlm: missing"),
        (lambda f: (f / "generator.litertlm").write_bytes(b"mode1"), r"not the file that was packed"),
        (lambda f: write(f, contract=2), "contract 2; this version of pocketrag reads 1"),
        (lambda f: write(f, budget=0), "`budget`"),
        (lambda f: write(f, prompt={"user": "no fields"}), r"`prompt\.user`"),
    ],
)
def test_what_is_refused(generator, damage, match):
    damage(generator)
    with pytest.raises(InputError, match=match):
        read_generator(generator)


def test_the_golden_file(generator):
    file = generator / "golden.json"
    with pytest.raises(InputError, match=r"golden\.json: No such file"):
        read_golden(generator)
    file.write_text(json.dumps({"contract": 2}))
    with pytest.raises(InputError, match="not of contract 1"):
        read_golden(generator)
    file.write_text(json.dumps({"contract": 1, "turns": [], "answers": [{}], "most_tokens": 24}))
    with pytest.raises(InputError, match=r"`answers\.0\.dialogue`"):
        read_golden(generator)


def test_where_one_may_be_put(generator, tmp_path):
    claim(generator)
    claim(tmp_path / "new")
    (tmp_path / "empty").mkdir()
    claim(tmp_path / "empty")
    (tmp_path / "link").symlink_to(generator)
    (tmp_path / "file").write_text("?")
    for other in ("link", "file"):
        with pytest.raises(InputError, match="not a generator of ours"):
            claim(tmp_path / other)


def test_a_file_without_a_model(generator):
    with pytest.raises(InputError, match="holds no model for LiteRT"):
        model_in(generator / "generator.litertlm")
