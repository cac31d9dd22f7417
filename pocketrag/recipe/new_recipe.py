"""The text of a recipe to begin with: the keys that most projects set, each with a comment."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from .languages import STEMMERS

MINILM, GEMMA = "sentence-transformers/all-MiniLM-L6-v2", "google/embeddinggemma-300m"
#: Base -> its licence, and what that asks to be passed on.
LICENCES = {
    MINILM: (
        "apache-2.0",
        (
            "all-MiniLM-L6-v2, (c) the sentence-transformers authors, Apache License 2.0; modified for this "
            "bundle."
        ),
    ),
    GEMMA: (
        "gemma",
        "Gemma is provided under and subject to the Gemma Terms of Use found at ai.google.dev/gemma/terms",
    ),
}
UNANSWERABLE = "unanswerable.jsonl"
#: Where editors find what the keys are (taplo).
SCHEMA = "recipe.schema.json"


@dataclass(frozen=True)
class NewRecipe:
    """What a recipe is begun with."""

    name: str
    corpus: str
    """The file of passages, relative to the recipe."""
    judged: tuple[str, str] | None
    """The files of questions and judgements, where there are some."""
    language: str
    """ISO 639-1."""
    base: str
    npu: Sequence[str] = ()
    unanswerable: str | None = None
    """The file of questions that the passages don't answer, where there is one."""

    def text(self) -> str:
        """Return the recipe."""
        return "\n".join(
            [
                f"#:schema {SCHEMA}",
                "# What to build. Every key: pocketrag recipe; one of them: pocketrag recipe train.method",
                f"name = {_quoted(self.name)}",
                'version = "0.1.0"             # apps and updates tell bundles apart by it',
                "",
                *self._data(),
                "",
                *self._model(),
                "",
                *self._train(),
                "",
                *self._export(),
                "",
                *self._search(),
                "",
            ]
        )

    def _data(self) -> list[str]:
        queries, qrels = self.judged or ("queries.jsonl", "qrels.tsv")
        off = "" if self.judged else "# "
        asked = [
            f'{off}queries = {_quoted(queries)}   # {{"_id": "q1", "text": "..."}}',
            f"{off}qrels = {_quoted(qrels)}         # query-id, corpus-id, score, with tabs between",
        ]
        missing = [
            "# Questions, and which passages answer them: with both files it is measured how good the search",
            "# is, and the model can be tuned. Without them nobody knows.",
        ]
        comment = '# {"_id": "a1", "title": "...", "text": "..."}, one a line'
        passages = f"corpus = {_quoted(self.corpus)}     {comment}"
        return ["[data]", passages, *([] if self.judged else missing), *asked, *self._unanswerable()]

    def _unanswerable(self) -> list[str]:
        off = "" if self.judged and self.unanswerable else "# "
        return [
            "# Questions like theirs that nothing here answers, 20 or more: from them the app learns when",
            '# to say "probably not in this corpus".',
            f'{off}unanswerable = {_quoted(self.unanswerable or UNANSWERABLE)}   # {{"text": "..."}}',
        ]

    def _model(self) -> list[str]:
        licence, notice = LICENCES.get(self.base, ("", ""))
        known = [f"licence = {_quoted(licence)}", f"notice = {_quoted(notice)}"]
        unknown = [
            'licence = ""                  # of that model, such as "apache-2.0"; a release needs it',
            'notice = ""                   # what the licence asks to be passed on',
        ]
        comment = "# a hub id, or a folder relative to this file"
        return ["[model]", f"base = {_quoted(self.base)}   {comment}", *(known if licence else unknown)]

    def _train(self) -> list[str]:
        if self.judged:
            return ["[train]", 'method = "lora"               # "none": the base as it is, in minutes']
        return ["[train]", 'method = "none"               # "lora" once there are questions']

    def _export(self) -> list[str]:
        npus = f"npu = {json.dumps(list(self.npu))}            # also for these phones' NPUs: docs/npu.md"
        return [
            "[export]",
            'quantization = "int8"         # docs/quantization.md',
            *([npus] if self.npu else []),
        ]

    def _search(self) -> list[str]:
        if self.language in STEMMERS:
            return ["[search]", f'language = "{self.language}"               # full text then tries stems']
        return ["[search]", f"# {self.language}: full text knows no stems of it, and works without"]


def default_base(language: str) -> str:
    """Return the base for a language: MiniLM reads English alone."""
    return MINILM if language == "en" else GEMMA


def _quoted(text: str) -> str:
    # JSON strings are TOML strings.
    return json.dumps(text, ensure_ascii=False)
