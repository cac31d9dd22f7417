"""What models wrote is kept as it comes, found again by all that decides it, and survives a kill."""

import json

import pytest
from pocketrag.bench.answers.asked_models import identity_of
from pocketrag.bench.answers.remembered import Model, Remembered, Said

from pocketrag.formats.generator import GeneratorSpec
from pocketrag.formats.kept_answers import KeptAnswers
from pocketrag.runtime.generator.engine import GenerationError
from tests.packs import SPEC


class Scripted:
    """Counts how often it is opened, asked and closed."""

    def __init__(self, *texts, why=None):
        self.texts, self.why, self.opened, self.asked, self.closed = list(texts), why, 0, 0, 0

    def open(self):
        self.opened += 1
        return Model(self.say, self.close)

    def say(self, messages):
        self.asked += 1
        text = self.texts.pop(0)
        if text is KeyboardInterrupt:
            raise KeyboardInterrupt
        return Said(
            text, self.why, stopped=True, tokens=len(text), first_seconds=0.5, seconds=1.0, memory=7.0
        )

    def close(self):
        self.closed += 1


def messages(text):
    return [{"role": "user", "content": text}]


def test_nothing_is_asked_twice_and_nothing_opened_for_what_is_known(tmp_path):
    model = Scripted("one", "two")
    first = Remembered(tmp_path / "deep" / "s.jsonl", "m", model.open)
    said = [first.say(messages(text)).text for text in ("a", "b", "a")]
    first.close()
    assert said == ["one", "two", "one"] and (model.opened, model.asked, model.closed) == (1, 2, 1)
    again = Scripted()
    second = Remembered(tmp_path / "deep" / "s.jsonl", "m", again.open)
    assert second.say(messages("b")) == first.say(messages("b")) and again.opened == 0
    second.close()


def test_an_interrupted_one_goes_on(tmp_path):
    file = tmp_path / "s.jsonl"
    broken = Remembered(file, "m", Scripted("one", KeyboardInterrupt).open)
    broken.say(messages("a"))
    with pytest.raises(KeyboardInterrupt):
        broken.say(messages("b"))
    model = Scripted("two")
    rest = Remembered(file, "m", model.open)
    assert [rest.say(messages(text)).text for text in ("a", "b")] == ["one", "two"] and model.asked == 1


@pytest.mark.parametrize("left", [b'{"key": "x", "sai', b'{"key": "x"', b"\xc3", b"[]", b"7"])
def test_half_a_line_is_dropped(tmp_path, left):
    file = tmp_path / "s.jsonl"
    Remembered(file, "m", Scripted("one").open).say(messages("a"))
    with file.open("ab") as stream:
        stream.write(left)
    model = Scripted("two")
    rest = Remembered(file, "m", model.open)
    assert [rest.say(messages(text)).text for text in ("a", "b")] == ["one", "two"]
    assert [json.loads(line)["said"]["text"] for line in file.read_text("utf-8").splitlines()] == [
        "one",
        "two",
    ]


def test_what_is_no_longer_used_goes(tmp_path):
    file = tmp_path / "s.jsonl"
    first = Remembered(file, "m", Scripted("one", "two").open)
    first.say(messages("a"))
    first.say(messages("b"))
    second = Remembered(file, "m", Scripted().open)
    second.say(messages("b"))
    second.keep_used()
    assert len(file.read_text("utf-8").splitlines()) == 1 and KeptAnswers(file)


def test_as_an_engine_it_gives_the_text_and_says_why_there_is_no_more(tmp_path):
    engine = Remembered(tmp_path / "s.jsonl", "m", Scripted("half", why="the model failed").open)
    parts = engine.generate(messages("a"))
    assert next(parts) == "half"
    with pytest.raises(GenerationError, match="the model failed"):
        next(parts)
    assert engine.count("half") == 4 and engine.count("") == 0


@pytest.mark.parametrize("other", [{"answer_tokens": 9}, {"max_tokens": 200}, {"stop": (1,)}])
def test_other_limits_are_another_model(other):
    spec = GeneratorSpec.model_validate({**SPEC, "file": {"bytes": 1, "sha256": "0" * 64}})
    changed = spec.model_copy(update=other)
    assert identity_of("float", "w", spec) != identity_of("float", "w", changed)
    assert identity_of("float", "w", spec) != identity_of("float", "v", spec)
    assert identity_of("float", "w", spec) != identity_of("packed", "w", spec)
    same = spec.model_copy(update={"budget": 9, "licence": "x"})
    assert identity_of("packed", "w", spec) == identity_of("packed", "w", same)
