"""Chat templates that read strings and lists of parts alike, and the proof that they do."""

import jinja2
import pytest
from jinja2.sandbox import ImmutableSandboxedEnvironment
from pocketrag.export.generator import template
from pocketrag.export.generator.template import dialogues, in_parts, rewritten

from pocketrag.errors import GateError, InputError
from tests.language_models import CHATML, TURNS

TOKENS = {"bos_token": "<bos>", "eos_token": "<eos>"}


def render(text, messages, begun):
    """As transformers does."""
    environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True)
    environment.globals["raise_exception"] = lambda said: (_ for _ in ()).throw(jinja2.TemplateError(said))
    return environment.from_string(text).render(messages=messages, add_generation_prompt=begun, **TOKENS)


def bare(text, messages, begun):
    """As LiteRT-LM does: it gives the template no tokens."""
    return (
        ImmutableSandboxedEnvironment()
        .from_string(text)
        .render(messages=messages, add_generation_prompt=begun)
    )


@pytest.mark.parametrize("original", [CHATML, TURNS])
def test_strings_and_parts_give_the_same_and_the_tokens_are_inside(original):
    found = rewritten(original, TOKENS, render)
    for messages in dialogues():
        wanted = render(original, messages, True)
        assert bare(found, messages, True) == bare(found, in_parts(messages), True) == wanted


def test_common_templates_print_a_list_of_parts_as_python_would():
    messages = in_parts([{"role": "user", "content": "Hello."}])
    with pytest.raises(TypeError):
        render(CHATML, messages, True)
    printed = CHATML.replace("+ message['content'] +", "~ message['content'] ~")
    assert "{&#39;" in render(printed, messages, True) or "{'" in render(printed, messages, True)
    assert "Hello." in render(rewritten(printed, {}, render), messages, True)


def test_what_the_runtime_does_not_know_goes():
    marked = CHATML.replace("{% endfor %}", "{% generation %}{% endgeneration %}{% endfor %}")
    known = lambda text, messages, begun: render(  # noqa: E731
        text.replace("{% generation %}", "").replace("{% endgeneration %}", ""), messages, begun
    )
    assert "generation %}" not in rewritten(marked, {}, known)
    asked = CHATML.replace("message['content']", "message.get('content')")
    assert ".get(" not in rewritten(asked, {}, render)


def test_a_template_that_tells_strings_from_lists_is_proved_not_assumed(monkeypatch):
    monkeypatch.setattr(template, "PLAIN", "")
    with pytest.raises((GateError, TypeError)):
        rewritten(CHATML, TOKENS, render)
    trims = "{% for m in messages %}{{ m.content if m.content is string else '' }}{% endfor %}"
    with pytest.raises(GateError, match="the rewritten chat template gives"):
        rewritten(trims, TOKENS, render)


def test_a_template_that_says_nothing_or_fails():
    with pytest.raises(InputError, match="leaves out"):
        rewritten("<bos>", TOKENS, render)
    with pytest.raises(InputError, match="fails on a plain dialogue"):
        rewritten("{{ raise_exception('roles') }}", TOKENS, render)
