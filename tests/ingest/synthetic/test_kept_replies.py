"""Answers are kept as they come, and asked for again only where something changed."""

import json
from dataclasses import dataclass, field

import pytest
from pocketrag.ingest.synthetic.kept_replies import FILE, ask

from pocketrag.errors import InputError
from pocketrag.formats.data.beir import Passage
from pocketrag.runtime.generator.engine import GenerationError

PASSAGES = [Passage(f"p{n}", f"Title {n}", f"Text {n}") for n in range(3)]


@dataclass
class Writer:
    """Answers with the prompt's first line, and fails where it is told to."""

    identity: dict = field(default_factory=lambda: {"model": "a"})
    name: str = "a"
    failing: dict = field(default_factory=dict)
    asked: list = field(default_factory=list)

    def write(self, prompt):
        first = prompt.splitlines()[0]
        self.asked.append(first)
        if first in self.failing:
            raise self.failing[first]
        return f"What is {first}\ud800?"

    def close(self):
        pass


def asked(tmp_path, writer, passages=PASSAGES, template="{title}\n{passage}", number=2, seed=1):
    return ask(writer, passages, template, number, seed, tmp_path)


def test_what_was_answered_is_not_asked_again(tmp_path):
    broken = Writer(failing={"Title 2": InputError("gone")})
    with pytest.raises(InputError, match="gone"):
        asked(tmp_path, broken)
    again = Writer()
    found = asked(tmp_path, again)
    assert again.asked == ["Title 2"] and found.kept == 2
    assert found.texts == {f"p{n}": f"What is Title {n}\ud800?" for n in range(3)}


@pytest.mark.parametrize(
    "change",
    [
        {"template": "{passage} {title}"},
        {"seed": 2},
        {"writer": Writer(identity={"model": "b"})},
        {"passages": [Passage("p0", "Title 0", "Another text")]},
    ],
)
def test_what_changed_is(tmp_path, change):
    asked(tmp_path, Writer())
    writer = change.pop("writer", Writer())
    assert asked(tmp_path, writer, **change).kept == 0 and writer.asked


def test_a_line_that_a_kill_cut_is_asked_for_again_and_the_next_is_whole(tmp_path):
    asked(tmp_path, Writer())
    file = tmp_path / FILE
    file.write_bytes(file.read_bytes()[:-20] + b"")
    assert asked(tmp_path, Writer()).kept == 2
    assert asked(tmp_path, Writer()).kept == 3
    assert sum('"said"' in line and line.endswith("}") for line in file.read_text().splitlines()) == 3


def test_a_passage_that_it_can_t_answer_is_counted_and_the_others_go_on(tmp_path):
    found = asked(tmp_path, Writer(failing={"Title 1": GenerationError("too long")}))
    assert found.failed == 1 and set(found.texts) == {"p0", "p2"}
    assert [json.loads(line)["said"] for line in (tmp_path / FILE).read_text().splitlines()] == list(
        found.texts.values()
    )
