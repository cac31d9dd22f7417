"""The dialogues that a packed language model is compared with its float one on."""

from __future__ import annotations

from collections.abc import Iterator

Messages = list[dict[str, str]]

SYSTEM = "Answer in one short sentence."
#: Twenty questions of everyday kinds; what is compared is the arithmetic, not the knowledge.
QUESTIONS = (
    "What is the capital of France?", "How many days are in a week?", "Name three colours.",
    "What does a chess arbiter do?", "May I stop the clocks?", "Who wrote Hamlet?", "What is 17 + 25?",
    "Say hello in Spanish.", "Why is the sky blue?", "What do bees make?", "Is ice heavier than water?",
    "Finish the line: roses are red,", "Which month comes after June?", "What is the opposite of cold?",
    "How do you spell rhythm?", "Give me a word that rhymes with light.", "What is a prime number?",
    "How long do I boil an egg?", "Translate cat into German.", "What should I pack for the beach?",
)  # fmt: skip
#: More than one portion of the prompt is read at a time (128 tokens in LiteRT-LM).
LONG = 2


def questions(long: str) -> Iterator[Messages]:
    """Yield a dialogue a question, every other one with a system's word, two behind a text `long`."""
    for number, question in enumerate(QUESTIONS):
        content = f"{long}\n\n{question}" if number < LONG else question
        system = [{"role": "system", "content": SYSTEM}] if number % 2 else []
        yield [*system, {"role": "user", "content": content}]


def turns() -> Iterator[Messages]:
    """Yield dialogues of one and of two turns, with and without a system's word, and texts that may trip."""
    texts = ("May I stop the clocks?", "  {braces} {{ and }} {% more %}  ", "Ünïcode – 日本語\nnext line")
    for text in texts:
        first = [{"role": "user", "content": text}]
        second = [
            *first,
            {"role": "assistant", "content": "Yes, you may."},
            {"role": "user", "content": "And then?"},
        ]
        for messages in (first, second):
            yield messages
            yield [{"role": "system", "content": SYSTEM}, *messages]
