"""`pocketrag trim`: the base embedder with the tokens that this recipe needs, before anything is tuned."""

from __future__ import annotations

from pathlib import Path

from pocketrag.console import status
from pocketrag.errors import GateError, InputError
from pocketrag.formats.data import beir
from pocketrag.formats.facts.trim import HeldOuts, Rows, TrimFacts
from pocketrag.formats.tokenizer import clean
from pocketrag.pipeline.stage import Job
from pocketrag.recipe.base_model import prompts_of
from pocketrag.recipe.recipe import Recipe
from pocketrag.reference.common_words import word_tokens
from pocketrag.reference.float_vectors import other_questions
from pocketrag.reference.stand_ins import questions_of

from .vocabulary.base_vocabulary import BaseVocabulary, Encode, read_vocabulary
from .vocabulary.choice import ASCII, Sources, always, choose, counts, held_out, reserved


def trim(job: Job) -> TrimFacts:
    """Write the base embedder with a vocabulary of `trim.tokens` rows.

    It tokenizes the recipe's own texts as before.

    Raises:
        InputError: the family can't be trimmed, or the size or a language does not fit.
        GateError: the two tokenizers written disagree, or a text of the recipe is tokenized otherwise than
            before.

    """
    recipe, base, out = job.recipe, job.project.base, job.out
    assert recipe.trim is not None  # noqa: S101 - the table asks before
    vocabulary = read_vocabulary(base)
    pieces = vocabulary.pieces
    size, tokens = len(pieces.names), recipe.trim.tokens
    if tokens >= size:
        raise InputError(
            f"`trim.tokens` = {tokens} takes nothing from the base's {size}; lower it, or remove [trim]."
        )
    texts = Texts(recipe, vocabulary.encode)
    sources = texts.sources(recipe, vocabulary)
    why = choose(pieces, sources, tokens)
    status(f"measuring {tokens} of {size} tokens on questions that did not choose them")
    unseen = held_out(pieces, sources, tokens, texts.questions, len(texts.prompt), texts.own)
    kept = sorted(why)
    saved = vocabulary.write(out, kept)
    same, spelled = _prove(out, kept, vocabulary, texts)
    return TrimFacts(
        tokens=Rows(before=saved["rows_before"], after=tokens),
        bytes_saved=saved["bytes_saved"],
        kept=counts(why),
        reserved_left_out=len(reserved(pieces)),
        held_out=HeldOuts.model_validate(unseen),
        texts_tokenized_as_before=same,
        texts_that_spell_a_special_token=spelled,
    )


class Texts:
    """All prompted texts of a recipe as the base tokenizes them."""

    def __init__(self, recipe: Recipe, tokenize: Encode) -> None:
        """Read and tokenize passages and questions; equal questions count once."""
        self.tokenize = tokenize
        prompts, data = prompts_of(recipe), recipe.data
        asked = [questions_of(recipe)]
        if data.train_queries:
            asked.append([q.text for q in beir.read_questions(data.train_queries)])
        if data.synthetic_queries:
            asked.append([q.text for q in beir.read_questions(data.synthetic_queries)])
        # Half of the unjudged ones measure agreement and may choose nothing, also where they are the training
        # questions too.
        pairs = data.train_pairs if data.train_pairs != data.unjudged else None
        asked += [beir.read_unjudged(pairs) if pairs else [], other_questions(recipe)]
        self.own = len(dict.fromkeys(asked[0]))
        questions = list(dict.fromkeys(text for part in asked for text in part))
        passages = [prompts.passage(p.title, p.text) for p in data.passages()]
        self.prompted = [*map(prompts.ask, questions), *passages]
        encoded = self.encode(self.prompted)
        self.questions, self.passages = encoded[: len(questions)], encoded[len(questions) :]
        self.prompt = self.encode([prompts.ask("")])[0]

    def encode(self, texts: list[str]) -> list[list[int]]:
        """Return the base's token ids of texts, without special tokens around."""
        return self.tokenize([clean(text) for text in texts])

    def sources(self, recipe: Recipe, vocabulary: BaseVocabulary) -> Sources:
        """Return what the vocabulary is chosen from."""
        pieces = vocabulary.pieces
        assert recipe.trim is not None  # noqa: S101 - the table asks before
        return Sources(
            special=always(pieces) | vocabulary.special,
            characters=frozenset(pieces.ids[character] for character in ASCII if character in pieces.ids),
            corpus=frozenset(id_ for ids in [*self.passages, self.prompt] for id_ in ids),
            questions=[frozenset(ids) for ids in self.questions],
            # Not cleaned: the space before a word is part of its form.
            words=word_tokens(self.tokenize, recipe.trim.languages, recipe.trim.words),
        )


def _prove(out: Path, kept: list[int], vocabulary: BaseVocabulary, texts: Texts) -> tuple[int, int]:
    # Returns how many texts are tokenized as before, and how many spell a special token. Both tokenizers, as
    # loaded from disk, against the base's ids: what was written is what is proved.
    from transformers import AutoTokenizer

    hugging = AutoTokenizer.from_pretrained(str(out), local_files_only=True, trust_remote_code=False)
    cleaned = [clean(text) for text in texts.prompted]
    theirs = hugging(cleaned, add_special_tokens=False, truncation=False, verbose=False)["input_ids"]
    file, small = vocabulary.file, vocabulary.reread(out)(cleaned)
    before, same = [*texts.questions, *texts.passages], 0
    for text, was, ours, other in zip(cleaned, before, small, theirs, strict=True):
        if ours != other:
            raise GateError(
                f"{file} and what transformers reads disagree after trimming, for example on {text[:80]!r}."
            )
        if [kept[id_] for id_ in ours] == was:
            same += 1
        elif vocabulary.typed.isdisjoint(was):
            raise GateError(f"{file}: tokenizes otherwise than before trimming, for example {text[:80]!r}.")
    return same, len(cleaned) - same
