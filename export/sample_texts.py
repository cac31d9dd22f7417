"""Real texts for proofs and golden files: the recipe's own questions and passages, short and long."""

from __future__ import annotations

from itertools import chain

from pocketrag.formats.prompts import Prompts
from pocketrag.formats.tokenizer import Tokenize, fit
from pocketrag.recipe.recipe import Recipe
from pocketrag.reference.float_vectors import other_questions
from pocketrag.reference.stand_ins import questions_of
from pocketrag.sampling import spread

#: What an app's users may write besides its own language: other scripts, mixed ones, symbols, runs of spaces.
SCRIPTS = (
    "Où se trouve la gare la plus proche, s'il vous plaît ? L'été, elle ferme à 20 h 30.",
    "The quick answer is no; the long one (see §4.2) depends on who asks, and when.",
    "Wie lange darf man über die Grünfläche gehen? Größere Gruppen: höchstens 12 Personen.",
    "¿Cuántos días hay que esperar? Según el artículo 7, mañana será demasiado tarde.",
    "Сколько времени осталось до конца? Спросите об этом у дежурного в зале.",
    "Πόσο κοστίζει το εισιτήριο και ποιος το πληρώνει;",
    "受付は何時に始まりますか。開始の三十分前です。",
    "报名截止日期是什么时候?请在星期五之前提交表格。",
    "입장하려면 무엇이 필요합니까? 신분증을 가져오세요.",
    "متى يبدأ الاجتماع؟ يبدأ في الساعة التاسعة صباحاً.",
    "מתי נפתח הרישום? ביום ראשון בבוקר.",
    "प्रवेश शुल्क कितना है? यह निःशुल्क है।",
    'Le code `if (x < 3) { return "non"; }` renvoie non 🙂, mais 👩‍👩‍👧 compte pour un.',
    "Mixte : naïve café № 5 → 10 %  ≈  ½ de 20 €,\tvoir https://example.org/a?b=c&d=1\n\n- fin",
)
#: How many texts prove that two models are one.
PROOF = 200
#: Texts that calibrate a quantization: GPTQ's usual few hundred, some 25 000 tokens; questions are what the
#: phone embeds.
QUESTIONS, PASSAGES = 400, 64
#: A question's usual length.
WORDS = 16


def texts(recipe: Recipe, prompts: Prompts, count: int) -> list[str]:
    """Return about `count` distinct prompted texts.

    Half questions, half passages and their beginnings of 1, 2, 4 … words.
    """
    questions = spread(questions_of(recipe), count // 2)
    passages = spread(recipe.data.passages(), count - len(questions))
    chosen = [prompts.ask(text) for text in questions]
    for index, passage in enumerate(passages):
        words = passage.text.split(" ")
        text = passage.text if index % 2 else " ".join(words[: 2 ** (index // 2 % 8)])
        chosen.append(prompts.passage(passage.title, text))
    return list(dict.fromkeys(chosen))


def token_rows(
    recipe: Recipe, prompts: Prompts, tokenize: Tokenize, lengths: tuple[int, ...]
) -> list[list[int]]:
    """Return at least `PROOF` token id lists cut from real texts.

    Of 1 token to the longest length, as many for every length.

    Each begins and ends with the tokenizer's own special tokens; both ends of every length's range are among
    them.
    """
    rows = [tokenize(text) for text in (*texts(recipe, prompts, PROOF), *SCRIPTS)]
    return cut(rows, tokenize(""), _counts(lengths))


def cut(rows: list[list[int]], special: list[int], counts: list[int]) -> list[list[int]]:
    """Return token id lists of these numbers of tokens, cut from texts' token ids that are put end to end.

    Each begins and ends with the tokenizer's own special tokens, which are what it gives for no text.
    """
    head, tail = special[:1], special[1:]
    stream = list(chain.from_iterable(row[len(head) : len(row) - len(tail)] for row in rows))
    longest = max(counts)
    stream *= 1 + 2 * longest // max(1, len(stream))
    starts = [i * (len(stream) - longest) // len(counts) for i in range(len(counts))]
    pieces = [
        [*head, *stream[at : at + max(0, n - len(special))], *tail]
        for at, n in zip(starts, counts, strict=True)
    ]
    return [piece[:n] for piece, n in zip(pieces, counts, strict=True)]


def _counts(lengths: tuple[int, ...]) -> list[int]:
    share = -(-PROOF // len(lengths))
    shortest = (0, *lengths[:-1])
    return [
        low + 1 + i * (high - low - 1) // (share - 1)
        for low, high in zip(shortest, lengths, strict=True)
        for i in range(share)
    ]


def calibration(recipe: Recipe, prompts: Prompts, tokenize: Tokenize, longest: int) -> list[list[int]]:
    """Return the token ids of the texts that a quantization is calibrated on; labels play no part.

    Unjudged questions on which nothing is measured, and passages. Where there are too few such questions,
    beginnings of passages are put as questions: never those that judge the result.
    """
    passages = recipe.data.passages()
    asked = spread(other_questions(recipe), QUESTIONS)
    asked += [" ".join(p.text.split()[:WORDS]) for p in spread(passages, QUESTIONS - len(asked))]
    chosen = [prompts.ask(text) for text in asked] + [
        prompts.passage(p.title, p.text) for p in spread(passages, PASSAGES)
    ]
    return [fit(tokenize(text), longest) for text in chosen]
