"""LiteRT-LM itself: on what is no model, and, where one is named, on a real one."""

import os
from pathlib import Path

import pytest

from pocketrag.errors import InputError
from pocketrag.formats.generator import read_generator
from pocketrag.recipe.generator import GeneratorPrompt
from pocketrag.runtime.generator.engine import GenerationError, LiteRtLmEngine
from pocketrag.runtime.generator.prompt import messages
from tests.pocketrag.runtime.generator.scripted import packed

pytest.importorskip("litert_lm", reason="the extra [answers] is not installed")
#: A `.litertlm` of any chat model, in place of the tiny one that `pack` makes.
LITERTLM = os.environ.get("POCKETRAG_LITERTLM")

#: A tiny model takes 256 tokens, and most of its letters are one each.
SHORT = GeneratorPrompt(system="Answer.")


def test_what_is_no_model_is_refused(tmp_path):
    folder = packed(tmp_path / "g")
    with pytest.raises(InputError, match=r"generator\.litertlm: LiteRT-LM can't open it"):
        LiteRtLmEngine(folder, read_generator(folder), 1)


@pytest.fixture(scope="module")
def generator_folder(request, tmp_path_factory):
    if LITERTLM:
        return packed(tmp_path_factory.mktemp("g") / "real", model=Path(LITERTLM).read_bytes())
    try:
        made = request.getfixturevalue("packed_qwen")
    except pytest.FixtureLookupError:
        pytest.skip("nothing packs a tiny model here, and POCKETRAG_LITERTLM names none")
    return made / "android_assets" / "tiny.generator"


def test_it_answers_greedily_in_parts_again_and_again(generator_folder):
    engine = LiteRtLmEngine(generator_folder, read_generator(generator_folder), 1)
    prompt = messages(SHORT, "Who stops the clocks?", [("Clocks", "The arbiter stops the clocks.")])
    first, second = list(engine.generate(prompt)), list(engine.generate(prompt))
    assert first == second and len(first) > 1 and engine.count("".join(first)) > 0
    # Left in the middle: the work ends, and the next question is answered as the first was.
    for _ in engine.generate(prompt):
        break
    assert list(engine.generate(prompt)) == first
    engine.close()


def test_a_prompt_that_is_too_long_is_told(generator_folder):
    engine = LiteRtLmEngine(generator_folder, read_generator(generator_folder), 1)
    spec = read_generator(generator_folder)
    with pytest.raises(GenerationError, match=f"and the model takes {spec.max_tokens - spec.answer_tokens}"):
        list(engine.generate(messages(GeneratorPrompt(), "Who?", [("", "many words " * 2000)])))
    engine.close()
