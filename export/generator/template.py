"""A chat template that reads contents both as strings and as lists of parts, and proves that it does.

transformers is given strings, LiteRT-LM and its Android library give lists of parts. Common templates print
such a list as Python would, leave it out, or fail.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from pocketrag.errors import GateError, InputError

Messages = Sequence[dict[str, Any]]
Render = Callable[[str, Messages, bool], str]
"""Template, messages, whether the assistant's turn is begun -> text."""

#: Puts plain strings where lists of text parts were; the template itself stays as it is behind this.
PLAIN = (
    "{%- set plain = namespace(messages=[]) -%}"
    "{%- for message in messages -%}"
    "{%- if message['content'] is string -%}{%- set text = message['content'] -%}"
    "{%- else -%}{%- set text = message['content'] | map(attribute='text') | join('') -%}{%- endif -%}"
    "{%- set plain.messages = plain.messages + [{'role': message['role'], 'content': text}] -%}"
    "{%- endfor -%}"
    "{%- set messages = plain.messages -%}"
)
#: Marks of training, which LiteRT-LM's engine of templates does not know.
TRAINING_MARK = re.compile(r"\{%-?\s*(?:end)?generation\s*-?%\}")
#: `x.get("key")`, which it does not know either.
GET = re.compile(r"\.get\(\s*(['\"][^'\"]+['\"])\s*\)")
#: What the proof renders: letters that templates trim or escape, and braces that they must not read.
TEXTS = (
    "Plain.",
    "  two  spaces ",
    "line\nbreak",
    "{braces} {{ and }} {% more %}",
    "Ünïcode – 日本語",
    "<b>&amp;</b>",
)


def rewritten(template: str, tokens: Mapping[str, str], render: Render) -> str:
    """Return a template that gives for strings and for lists of parts what the original gives for strings.

    Args:
        template: the model's own.
        tokens: what transformers lets it name, such as `bos_token`; LiteRT-LM does not.
        render: renders a template as transformers does.

    Raises:
        InputError: the original gives nothing for a plain dialogue, or fails.
        GateError: the two differ.

    """
    named = "".join(f"{{%- set {name} = {json.dumps(token)} -%}}" for name, token in sorted(tokens.items()))
    found = named + PLAIN + GET.sub(r"[\1]", TRAINING_MARK.sub("", template))
    for messages in dialogues():
        for begun in (True, False):
            prove(template, found, messages, begun, render)
    return found


def prove(original: str, found: str, messages: Messages, begun: bool, render: Render) -> None:
    """Compare what two templates give for one dialogue, in strings and in parts.

    Raises:
        InputError: the original does not give the dialogue's texts.
        GateError: the two differ.

    """
    wanted = _original(original, messages, begun, render)
    for form in (messages, in_parts(messages)):
        if (given := render(found, form, begun)) != wanted:
            raise GateError(f"the rewritten chat template gives {given[:200]!r} for {wanted[:200]!r}")


def _original(template: str, messages: Messages, begun: bool, render: Render) -> str:
    try:
        text = render(template, messages, begun)
    except Exception as error:  # whatever a template raises
        raise InputError(f"its chat template fails on a plain dialogue ({error})") from None
    if missing := [m["content"] for m in messages if m["content"].strip() not in text]:
        raise InputError(f"its chat template leaves out {missing[0]!r}")
    return text


def dialogues() -> Iterator[list[dict[str, str]]]:
    """Yield dialogues of one and of two turns, with and without a system's word."""
    for text in TEXTS:
        first = [{"role": "user", "content": text}]
        second = [*first, {"role": "assistant", "content": "Yes."}, {"role": "user", "content": "And then?"}]
        for turns in (first, second):
            yield turns
            yield [{"role": "system", "content": "Answer from the passages."}, *turns]


def in_parts(messages: Messages) -> list[dict[str, Any]]:
    """Return the messages with each content as a list of one part, as LiteRT-LM gives them."""
    return [{"role": m["role"], "content": [{"type": "text", "text": m["content"]}]} for m in messages]
