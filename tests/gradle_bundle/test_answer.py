"""rag-answer writes Python's prompts, byte for byte, judges and quotes as Python does, and tells what becomes of a question."""

import json

import pytest

import pocketrag
from pocketrag.formats import files
from pocketrag.recipe.generator import GeneratorPrompt
from pocketrag.runtime.generator.budget import fitting
from pocketrag.runtime.generator.check_answer import checked, refuses
from pocketrag.runtime.generator.prompt import messages
from pocketrag.runtime.generator.quotes import quotes
from tests.gradle_bundle import jvm, prompt_cases
from tests.pocketrag.runtime.generator.scripted import packed

pytestmark = pytest.mark.usefixtures("kotlin")

QUESTION = "what moves if king 0 meets rook ?"


def templates(prompt):
    return [prompt.system, prompt.passage, prompt.user, prompt.refusal]


def test_2000_prompts_are_equal_byte_for_byte():
    cases = prompt_cases.prompts(2000)
    (found,) = jvm.run(("prompts", {"cases": [[templates(p), q, rows] for p, q, rows in cases]}))
    wanted = [[one["content"] for one in messages(*case)] for case in cases]
    assert len({tuple(one) for one in wanted}) > 1900
    for case, one, other in zip(cases, wanted, found, strict=True):
        assert [text.encode("utf-8") for text in one] == [text.encode("utf-8") for text in other], case


def test_a_template_that_the_recipe_refuses_is_refused():
    good = templates(GeneratorPrompt())
    bad = [(0, "{question}"), (0, "{"), (0, "}"), (1, "{number}"), (1, "{number} {text} {text}"), (1, "{number:>3} {text}"),
           (1, "{number!r} {text}"), (2, "{question}"), (2, "{passages} {question} {}")]  # fmt: skip
    cases = [[[*good[:at], text, *good[at + 1 :]], "?", []] for at, text in bad]
    (found,) = jvm.run(("prompts", {"cases": cases}))
    for (case, *_), said in zip(cases, found, strict=True):
        assert isinstance(said, str)
        with pytest.raises(ValueError):
            GeneratorPrompt(**dict(zip(("system", "passage", "user", "refusal"), case, strict=True)))


def test_2000_answers_are_judged_alike():
    cases = prompt_cases.answers(2000)
    (found,) = jvm.run(("judged", {"cases": cases}))
    right = 0
    for (said, refusal, rows), other in zip(cases, found, strict=True):
        one = checked(said, rows)
        right += one.wrong is None
        assert [list(one.citations), list(one.quotes), one.wrong, refuses(said, refusal)] == other, (
            said,
            rows,
        )
    assert 100 < right < 1900


def test_2000_questions_get_the_same_quotes():
    cases = [(said, rows) for said, _, rows in prompt_cases.answers(2000, seed=9)]
    (found,) = jvm.run(("quoted", {"cases": cases}))
    for (question, rows), other in zip(cases, found, strict=True):
        assert [[one.number, one.text] for one in quotes(question, rows)] == other, (question, rows)


@pytest.fixture
def generator(tmp_path):
    return packed(tmp_path / "tiny.generator", budget=120)


def ask(bundle, generator, parts=(), **more):
    """Return what the Kotlin Answerer tells of a question: its parts, what was called, and the prompts."""
    with pocketrag.open(bundle) as rag:
        given = jvm.vectors(rag, [QUESTION])
    task = {"folders": [bundle], "question": QUESTION, "parts": list(parts), **given, **more}
    (found,) = jvm.run(("answers", {**task, **({"generator": generator} if generator else {})}))
    return found


def sources(bundle, budget):
    with pocketrag.open(bundle) as rag:
        blocks = fitting(rag, rag.search(QUESTION, 10), budget)
    return [[n, block.title, block.text, list(block.ids)] for n, block in enumerate(blocks, start=1)]


def test_an_answer_that_holds(tiny_bundle, generator):
    rows = sources(tiny_bundle, 120)
    quote = rows[0][2][:20].strip()
    found = ask(tiny_bundle, generator, ['It "', f'{quote}"', " [1]."], times=2)
    searching, given, *texts, done = found["answers"][0]
    assert searching == ["searching"] and given == ["sources", *rows] and len(texts) == 3
    assert done == ["done", f'It "{quote}" [1].', [1], [], None]
    assert found["answers"][1] == found["answers"][0]
    # One engine, not made on the calling thread; a conversation a question.
    assert found["calls"] == ["open on main: false", "ended", "ended"]
    wanted = messages(GeneratorPrompt(), QUESTION, [(title, text) for _, title, text, _ in rows])
    assert found["prompts"][0] == [one["content"] for one in wanted]


@pytest.mark.parametrize("budget", [1, 16, 40])
def test_where_nothing_fits_the_first_passage_is_cut_alike(tiny_bundle, tmp_path, budget):
    found = ask(tiny_bundle, packed(tmp_path / "g", budget=budget), ["x"])
    assert found["answers"][0][1] == ["sources", *sources(tiny_bundle, budget)]


@pytest.mark.parametrize(
    ("parts", "more", "why"),
    [
        (["no passage named"], {}, "names no passage"),
        (['"made up" [1]'], {}, "does not stand in"),
        ([], {}, "wrote nothing"),
        (["half "], {"failing": "the model failed (x)"}, "the model failed"),
        (["x"], {"lacking": "this phone has 3.8 GB of memory"}, "3.8 GB"),
        (["x"], {"unopened": "no such op"}, "no such op"),
    ],
)
def test_what_does_not_hold_is_quoted(tiny_bundle, generator, parts, more, why):
    rows = sources(tiny_bundle, 120)
    *_, done = ask(tiny_bundle, generator, parts, **more)["answers"][0]
    wanted = quotes(QUESTION, [(title, text) for _, title, text, _ in rows])
    assert done[0] == "done" and done[3] == [[one.number, one.text] for one in wanted] and why in done[4]


def test_damage_is_told(tiny_bundle, generator):
    (generator / "generator.litertlm").write_bytes(b"another")
    *_, done = ask(tiny_bundle, generator, ["x"])["answers"][0]
    assert "damaged" in done[4] and done[3]
    spec = json.loads((generator / "generator.json").read_text())
    files.write_atomic(generator / "generator.json", json.dumps({**spec, "contract": 2}))
    *_, done = ask(tiny_bundle, generator, ["x"])["answers"][0]
    assert "contract 2" in done[4] and done[3]
    *_, done = ask(tiny_bundle, None, ["x"])["answers"][0]
    assert done[4] == "no generator"


def test_nothing_is_written_where_the_search_found_nothing_near(tiny_bundle, generator):
    found = ask(tiny_bundle, generator, ["x"], threshold=2.0)
    kinds = [part[0] for part in found["answers"][0]]
    assert kinds == ["searching", "sources", "refused"] and found["calls"] == []
    assert "below 2.000" in found["answers"][0][-1][2]


def test_the_models_own_refusal(tiny_bundle, generator):
    *_, last = ask(tiny_bundle, generator, ["The passages ", "do not say."])["answers"][0]
    assert last[:2] == ["refused", "The passages do not say."]


def test_a_cancelled_collector_ends_the_work(tiny_bundle, generator):
    found = ask(tiny_bundle, generator, ["a", "b"], endless=True, cancel=1)
    assert [part[0] for part in found["answers"][0]] == ["searching", "sources", "text"]
    assert found["calls"][-1] == "ended"
