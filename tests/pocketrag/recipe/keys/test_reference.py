"""The reference of a recipe's keys: complete, as the models have it, in the docs, in the terminal and for editors."""

import json

import pytest

from pocketrag.recipe.keys.patterns import WORDS
from pocketrag.recipe.keys.recipe_keys import recipe_keys, schema_of_recipes, table_notes
from pocketrag.recipe.keys.reference import documents
from pocketrag.recipe.toml import read_toml
from tests.conftest import ROOT, cli


def test_the_docs_are_those_of_the_models():
    for place, text in documents().items():
        assert (ROOT / "docs" / place).read_text("utf-8") == text, "run `make schemas`"


def test_every_key_and_every_table_says_what_it_is_for():
    assert not [key.name for key in recipe_keys() if not key.about.endswith(".") or not key.takes]
    assert not [name for name, about in table_notes().items() if not about.endswith(".")]
    assert len(recipe_keys()) > 150


def test_no_pattern_is_left_without_words():
    def patterns(value):
        if isinstance(value, dict):
            yield from [value["pattern"]] if isinstance(value.get("pattern"), str) else []
            for each in value.values():
                yield from patterns(each)
        elif isinstance(value, list):
            for each in value:
                yield from patterns(each)

    assert set(patterns(schema_of_recipes())) <= set(WORDS)


@pytest.mark.parametrize("recipe", sorted((ROOT / "recipes").glob("*.toml")), ids=lambda file: file.stem)
def test_every_key_of_the_recipes_here_is_known(recipe):
    known = {key.name for key in recipe_keys()}

    def keys(table, prefix=""):
        for name, value in table.items():
            path = f"{prefix}{name}"
            if isinstance(value, dict) and path != "targets":
                yield from keys(value, "students.NAME." if prefix == "students." else f"{path}.")
            else:
                yield path

    assert set(keys(read_toml(recipe))) <= known


def test_the_terminal_shows_all_a_table_or_a_key():
    whole, one = cli("recipe"), cli("recipe", "train.method")
    assert whole.returncode == one.returncode == 0
    assert "[generator.tiers.premium]" in whole.stdout and "must be there" in whole.stdout
    assert '"lora"' in one.stdout and "LoRA on a base in 4 bits" in one.stdout
    found = json.loads(cli("recipe", "[export]", "--json").stdout)
    assert set(found["tables"]) == {"export"}
    assert {"name": "export.quantization", "takes": "text", "default": '"int8"'}.items() <= found["keys"][
        1
    ].items()
    assert "pocketrag/recipe" not in whole.stdout, "files of the code say nothing to a user"


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("train.metod", "did you mean `train.method`?"),
        ("method", "did you mean `train.method` or `generator.method`?"),
        ("trian", "did you mean `train` or `trim`?"),
        ("zzzzzz", "see docs/recipe.md"),
    ],
)
def test_an_unknown_key_is_told_which_is_near(key, said):
    done = cli("recipe", key)
    assert done.returncode == 2 and said in done.stderr


def test_a_schema_for_editors_is_written_and_takes_the_recipes(tmp_path):
    done = cli("recipe", "--schema", tmp_path / "s.json", cwd=tmp_path)
    assert done.returncode == 0 and "#:schema" in done.stderr
    assert json.loads((tmp_path / "s.json").read_text()) == schema_of_recipes()
    done = cli("recipe", "--schema", tmp_path / "none" / "s.json")
    assert done.returncode == 2 and "--schema" in done.stderr
