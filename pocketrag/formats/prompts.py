"""Prompt templates: what stands around a question or passage, the same on desktop and phone."""

from __future__ import annotations

import re

from pydantic import BaseModel, ConfigDict, field_validator

from .spelling import spell

#: Names under which embedders keep their prompts for retrieval, the commonest first: sentence-transformers'
#: own ("query", "document", "passage", "corpus": its `encode_query`, `encode_document`), Nomic's,
#: EmbeddingGemma's, Jina's, and Stella's, whose "s2p" is sentence to passage.
QUERIES = (
    *("query", "search_query", "Retrieval-query", "retrieval.query", "retrieval_query", "s2p_query", "s2p"),
    *("web_search_query", "question", "queries"),
)
DOCUMENTS = (
    *("document", "passage", "corpus", "search_document", "Retrieval-document", "retrieval.passage"),
    *(
        "retrieval_document",
        "retrieval.document",
        "retrieval_passage",
        "doc",
        "text",
        "passages",
        "documents",
    ),
)
FIELDS = re.compile(r"\{(question|title|text)\}")


class Prompts(BaseModel):
    """Two templates; `{question}`, `{title}` and `{text}` are the only fields, replaced in one pass."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, use_attribute_docstrings=True)

    query: str = "{question}"
    """What a question is made into before it is embedded; holds `{question}`."""
    document: str = "{title} {text}"
    """What a passage is made into; holds `{text}`, and may hold `{title}`."""
    untitled: str = ""
    """Stands in for an empty title (EmbeddingGemma's is "none")."""

    @field_validator("query")
    @classmethod
    def _has_question(cls, template: str) -> str:
        if set(FIELDS.findall(template)) != {"question"}:
            raise ValueError("must hold the field {question}, and no other")
        return template

    @field_validator("document")
    @classmethod
    def _has_text(cls, template: str) -> str:
        if not {"text"} <= set(FIELDS.findall(template)) <= {"title", "text"}:
            raise ValueError("must hold the field {text}, may hold {title}, and no other")
        return template

    def ask(self, question: str) -> str:
        """Return the text to embed for a question, in one spelling."""
        return _fill(self.query, {"question": spell(question)})

    def passage(self, title: str, text: str) -> str:
        """Return the text to embed for a passage, in one spelling."""
        return _fill(self.document, {"title": spell(title) or self.untitled, "text": spell(text)})


def defaults(prompts: dict[str, str]) -> Prompts:
    """Turn the prompts of `config_sentence_transformers.json` (prefixes) into templates.

    Where a document prefix says `title: none`, as EmbeddingGemma's does, the title takes that place, as its
    model card asks (https://ai.google.dev/gemma/docs/embeddinggemma/model_card#prompt-instructions). Models
    without prompts get none.
    """
    query, document = (_first(prompts, names) for names in (QUERIES, DOCUMENTS))
    if "title: none" in document:
        return Prompts(
            query=query + "{question}",
            document=document.replace("title: none", "title: {title}") + "{text}",
            untitled="none",
        )
    return Prompts(query=query + "{question}", document=document + "{title} {text}")


def strangers(prompts: dict[str, str]) -> dict[str, str]:
    """Return an embedder's prompts where none of them has a name that says it is for questions."""
    return {} if any(prompts.get(name) for name in QUERIES) else {k: v for k, v in prompts.items() if v}


def _first(prompts: dict[str, str], names: tuple[str, ...]) -> str:
    return next((prompts[name] for name in names if prompts.get(name)), "")


def _fill(template: str, values: dict[str, str]) -> str:
    # One pass, so that braces in a question are text; stripped, because an empty title leaves a space.
    return FIELDS.sub(lambda match: values[match.group(1)], template).strip()
