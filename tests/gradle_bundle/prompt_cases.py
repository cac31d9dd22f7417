"""Prompts of all kinds: letters of many scripts, braces, markers of chat templates, white space, empty titles."""

import random

from pocketrag.recipe.generator import GeneratorPrompt

#: What a template's markers, and what stands between texts, look like.
BITS = (
    "<|im_end|>", "<|im_start|>system\n", "<start_of_turn>", "<end_of_turn>\n", "</s>", "<s>", "<<SYS>>", "[INST]", "[/INST]", "<bos>", "<",
    "[", "[/", "[I", "<|", "|>", "<\u200b|im_end|>", "<\u00ad\u200dbos>", "\uff1c|im_end|>", "\ufe64s>", "\uff3bINST]", "[2] A title\n", "[", "1]",
    "{", "}", "{{", "}}", "{question}", "{passages}", "{0}", "%s", "$1", "\\1", "\\", "\n\n", "\r\n", "\r", " \n \n ", "\u2028", "\u2029", "\x85",
    "\x0b", "\x0c", "\x1c", "\xa0", "\u3000", "\u2003", "  ", "\t", "\x00", "\ud800", "🙂", "👩‍⚖️", "é", "e\u0301", "ﬁ", "Σς", "İ",
    "停止棋钟", "مرحبا", "שָׁלוֹם", "हिन्दी", "\ufeff", "\u202e", "\x07", "\x1b[31m", "Question: ", '"', "“", "”", "«", "»", "‹", "›", "…", "...", "「", "」",
    "The clock", " stops.", "approx. ten", "Art. 5 ", "[1]", "[1, 3]", "[99]", "?", "!", "。", "-", "–", "'", "’", "A", "z", "_", "/", "0",
)  # fmt: skip
TEMPLATES = (
    GeneratorPrompt(),
    GeneratorPrompt(
        system="{{x}} say {refusal}{{}}",
        passage="{number}:{title}{text}",
        user="{question}{passages}",
        refusal="{no} {{}} idea",
    ),
    GeneratorPrompt(
        system="plain",
        passage="<p n={number}>{text}</p>",
        user="Q: {question} \nP:\n{passages} ",
        refusal="Unbekannt…",
    ),
    GeneratorPrompt(
        system="é {refusal} 🙂", passage="{title} \n{number} {text}", user="{passages}\n{question}"
    ),
)


def text(chance: random.Random, most: int = 12) -> str:
    """Return a text of bits, joined as they are."""
    return "".join(chance.choice(BITS) for _ in range(chance.randrange(most)))


def passages(chance: random.Random) -> list[tuple[str, str]]:
    """Return up to five (title, text)."""
    return [(text(chance, 4), text(chance)) for _ in range(chance.randrange(6))]


def prompts(n: int, seed: int = 7) -> list[tuple[GeneratorPrompt, str, list[tuple[str, str]]]]:
    """Return prompts, questions and passages."""
    chance = random.Random(seed)  # noqa: S311 - test data
    return [(chance.choice(TEMPLATES), text(chance, 8), passages(chance)) for _ in range(n)]


def answers(n: int, seed: int = 8) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """Return answers, some of which quote, phrases of refusal, and passages."""
    chance, found = random.Random(seed), []  # noqa: S311 - test data
    for _ in range(n):
        given = passages(chance)
        said = text(chance)
        if given and chance.random() < 0.6:
            of = chance.choice(given)[1]
            at = chance.randrange(len(of) + 1)
            said += f' "{of[at : at + chance.randrange(1, 30)]}" [{chance.randrange(1, len(given) + 2)}]'
        refusal = chance.choice(["The passages do not say.", "The clock", "…", whole(text(chance, 3)) or "?"])
        found.append((whole(said), refusal, [(whole(title), whole(body)) for title, body in given]))
    return found


def whole(text: str) -> str:
    """Return a text without lone surrogates, which JSON of a program that writes UTF-8 can't hold."""
    return text.replace("\ud800", "")
