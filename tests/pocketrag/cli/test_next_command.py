"""The command that comes next: every verb of the table exists, and its line has this run's values."""

import shlex

from pocketrag.cli.main import parser
from pocketrag.cli.next_command import NEXT, next_commands
from pocketrag.cli.verbs import VERBS
from pocketrag.formats.facts.android import GradleFacts
from pocketrag.formats.facts.base import Facts


def test_every_line_is_of_a_verb_and_names_one():
    names = {verb.name for verb in VERBS}
    assert set(NEXT) <= names
    for lines in NEXT.values():
        for line in lines:
            assert not line.startswith("pocketrag") or line.split()[1] in names, line


def test_what_is_printed_parses():
    for verb, lines in NEXT.items():
        values = {"recipe": "a b.toml", "work": "stages", "base": "x y", "out": "o.npu", "bundle": "b", "tag": "v1", "name": "n", "project": "p", "to": "o/n", "commit": "c0", "new": "n", "key": "k", "file": "k"}  # fmt: skip
        found = next_commands(verb, Facts(), values)
        assert len(found) == len(lines), verb
        for line in found:
            if line.startswith("pocketrag"):
                parser().parse_args(shlex.split(line.partition(", should")[0])[1:])


def test_options_of_the_recipe_go_on_and_missing_values_leave_a_line_out():
    given = {"recipe": "a b.toml", "work": "work", "base": None}
    assert next_commands("mine", Facts(), given) == ["pocketrag tune 'a b.toml'"]
    assert next_commands("mine", Facts(), {**given, "work": "w", "base": "x"}) == [
        "pocketrag tune 'a b.toml' --base x --work w"
    ]
    assert next_commands("aar", Facts(), {}) and next_commands("gradle", Facts(), {}) == []
    assert GradleFacts.model_fields["project"]
