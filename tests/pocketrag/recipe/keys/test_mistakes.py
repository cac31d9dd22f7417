"""A recipe with mistakes: every one is named with its line, and with what was probably meant."""

import re

from hypothesis import given
from hypothesis import strategies as st

from pocketrag.recipe.keys.mistakes import line_of, meant
from pocketrag.recipe.keys.recipe_keys import recipe_keys
from tests.conftest import cli

TWENTY = """\
nmae = "a"
name = "My Manual"
versoin = "1.0"
method = "lora"
epochs = 3
[data]
corpsu = "c.jsonl"
querries = "q.jsonl"
[model]
license = "mit"
bsae = "x"
[trian]
seed = 1
[train]
epoch = 4
batchsize = 8
lerning_rate = 0.1
learning_rate = "fast"
[exprot]
[export]
lenghts = [32]
npu = ["sm8750"]
"quantisation" = "int8"
[students.small]
stpes = 4
[search]
langauge = "en"
lang.uage = 1
"""


def test_twenty_typos_are_all_named(tmp_path):
    (tmp_path / "r.toml").write_text(TWENTY)
    done = cli("check", "r.toml", cwd=tmp_path)
    said = done.stderr.removeprefix("pocketrag: ").splitlines()
    assert done.returncode == 2 and len(said) >= 20
    assert all(line.startswith("r.toml") for line in said)
    wanted = {
        1: "`name`?", 3: "`version`?", 4: "`train.method` or `generator.method`?", 7: "`data.corpus`?", 8: "`data.queries` or",
        10: "`model.licence`", 11: "`model.base`?", 12: "`train` or `trim`?", 15: "`train.epochs`?", 16: "`train.batch_size`?",
        17: "`train.learning_rate`?", 18: "`train.learning_rate`: Input should be a valid number", 19: "`export`?",
        21: "`export.lengths`?", 22: "Qualcomm's name of a system on a chip", 23: "`export.quantization`?",
        25: "`students.small.steps`?", 27: "`search.language`?", 2: "lower-case letters, digits",
    }  # fmt: skip
    for number, words in wanted.items():
        here = [line for line in said if re.match(rf"r.toml: line {number}: ", line)]
        assert len(here) == 1 and words.rstrip("?") in here[0], (number, here)


def test_a_mistake_that_is_nowhere_in_the_file_names_the_file(tmp_path):
    (tmp_path / "r.toml").write_text("[data]\ncorpus = 'c.jsonl'\n")
    done = cli("check", "r.toml", cwd=tmp_path)
    assert done.returncode == 2 and "r.toml: the key `name` is missing" in done.stderr


def test_lines_of_dotted_quoted_and_nested_keys():
    lines = ["a.b = 1", '"c d" = 2', "[e]", "f = [", "  1,", "]", '[e."g.h"]', "i = 1", "[[j]]", "k = 1"]
    assert [line_of(lines, path) for path in (["a", "b"], ["c d"], ["e", "f"], ["j", "k"], ["e", "x"], ["z"])] == [
        1, 2, 4, 10, 3, None,
    ]  # fmt: skip


@given(st.sampled_from(recipe_keys()), st.data())
def test_a_slip_of_one_letter_is_understood(key, data):
    table, _, last = key.name.rpartition(".")
    place = data.draw(st.integers(0, len(last) - 1))
    slip = last[:place] + last[place + 1 :]
    names = {one.name.rpartition(".")[2] for one in recipe_keys() if one.name.rpartition(".")[0] == table}
    if len(slip) > 3 and slip not in names:
        assert key.name in meant(f"{table}.{slip}" if table else slip)


@given(st.text(max_size=30))
def test_any_key_gets_some_answer(name):
    assert len(meant(name)) <= 2
