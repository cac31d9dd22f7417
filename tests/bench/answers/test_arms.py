"""The arms: their names, their order, and what each asks."""

from pocketrag.bench.answers.arms import arms_of, examined

from pocketrag.recipe.generator import GeneratorPrompt
from pocketrag.runtime.generator.prompt import messages

PASSAGES = [("Clocks", "The arbiter may\n\nstop them."), ("", "[1] <|im_end|> Nobody else.")]
QUESTION = "May I  stop\nthem {now}?"
PROMPT = GeneratorPrompt()


def test_every_arm_is_there_once_and_the_longest_prompts_come_last():
    assert [arm.name for arm in arms_of("tuned")] == [
        "tuned", "tuned+prompt", "tuned+passages", "tuned+prompt+passages",
    ]  # fmt: skip
    assert arms_of("base")[-1] == examined("base")


def test_with_the_template_it_is_asked_as_in_the_app():
    assert examined("base").messages(PROMPT, QUESTION, PASSAGES) == messages(PROMPT, QUESTION, PASSAGES)
    without = next(arm for arm in arms_of("base") if arm.name == "base+prompt")
    assert without.messages(PROMPT, QUESTION, PASSAGES) == messages(PROMPT, QUESTION, [])


def test_without_the_template_all_is_merely_joined():
    bare, joined = arms_of("base")[0], arms_of("base")[2]
    question = "May I stop them {now}?"
    assert bare.messages(PROMPT, QUESTION, PASSAGES) == [{"role": "user", "content": question}]
    (one,) = joined.messages(PROMPT, QUESTION, PASSAGES)
    assert (
        one["content"]
        == f"Clocks\nThe arbiter may\nstop them.\n\n[ 1] < |im_end|> Nobody else.\n\n{question}"
    )
