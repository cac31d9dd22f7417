"""A bundle's model card: the `README.md` of its repository on the Hugging Face hub, metadata on top.

The metadata's keys: https://huggingface.co/docs/hub/model-cards#model-card-metadata.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from pocketrag.formats.bundle_report import Report
from pocketrag.formats.facts.verify import VerifyFacts
from pocketrag.formats.gate import SKIPPED
from pocketrag.formats.manifest import Manifest

from .markdown import SIGNS, plain

#: Ids of https://huggingface.co/docs/hub/repositories-licenses; any other licence is `other`, by name.
LICENCES = frozenset(
    (
        "apache-2.0", "mit", "bsd-2-clause", "bsd-3-clause", "cc0-1.0", "cc-by-4.0", "cc-by-sa-4.0",
        "cc-by-nc-4.0", "cc-by-nc-sa-4.0", "gemma", "gpl-3.0", "lgpl-3.0", "agpl-3.0", "mpl-2.0", "openrail",
        "llama3", "llama3.1", "llama3.2", "unlicense"
    )
)  # fmt: skip
#: `owner/name`, as the hub takes it.
HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[\w.-]+")
TAGS = ("android", "litert", "pocketrag", "rag", "retrieval")
#: Columns of the table of quality.
MEASURES = ("n", "recall@1", "recall@10", "mrr@10", "ndcg@10")


def model_card(manifest: Manifest, verified: VerifyFacts, report: Report, repository: str) -> str:
    """Return the card's text.

    Args:
        manifest: the bundle's, whose digests were checked.
        verified: its gates.
        report: what was measured of it, or what its manifest says.
        repository: `OWNER/NAME`.

    """
    sections = (
        _metadata(manifest),
        _about(manifest),
        _quality(report.quality.get("shipped", {}), manifest),
        _gates(verified),
        _use(manifest, repository),
        _licence(manifest),
        _digests(manifest),
    )
    return "\n".join(line for section in sections for line in (*section, ""))


def _metadata(manifest: Manifest) -> Iterator[str]:
    from huggingface_hub import ModelCardData

    said = manifest.licences.get("model", "").strip().lower()
    other = said not in LICENCES and said != ""
    based = HUB_ID.fullmatch(manifest.base_model)
    data = ModelCardData(
        license="other" if other else said or "unknown",
        license_name=re.sub(r"[^a-z0-9.]+", "-", said).strip("-") or None if other else None,
        license_link=f"{manifest.name}/NOTICE" if other else None,
        base_model=manifest.base_model if based else None,
        base_model_relation="quantized" if based else None,
        pipeline_tag="sentence-similarity",
        tags=list(TAGS),
    )
    yield "---"
    yield data.to_yaml().strip()
    yield "---"


def _about(manifest: Manifest) -> Iterator[str]:
    revision = f" at revision {plain(manifest.base_revision)}" if manifest.base_revision else ""
    yield f"# {plain(manifest.name)} {plain(manifest.version)}"
    yield ""
    yield (
        "An asset bundle for Android: a question encoder for LiteRT, a SQLite database of "
        f"{manifest.counts.passages:,} passages with full text and vectors, and what an app needs to prove "
        "both on the phone. Built and verified with pocketrag."
    )
    yield ""
    yield "| | |"
    yield "|---|---|"
    yield f"| model | {plain(manifest.model_id)} |"
    yield f"| made from | {plain(manifest.base_model)}{revision} |"
    yield f"| ships | {plain(manifest.verdict.ships)}: {plain(manifest.verdict.reason)} |"
    for one in manifest.encoders:
        spec = one.embedder
        yield (
            f"| {one.role} encoder | {plain(one.name)}: {spec.dims} dims, {plain(spec.quantization)}, "
            f"up to {max(spec.lengths)} tokens, searches {plain(one.fusion.mode)} |"
        )


def _quality(shipped: Mapping[str, Any], manifest: Manifest) -> Iterator[str]:
    yield "## Quality"
    modes = shipped.get("modes") or {}
    if not modes:
        yield "Unchecked: nobody judged questions for this corpus."
        return
    yield "On test questions that training never saw, as it ships."
    yield ""
    yield f"| search | {' | '.join(MEASURES)} |"
    yield f"|---|{'---:|' * len(MEASURES)}"
    for mode, found in modes.items():
        chosen = " (the app's)" if mode == manifest.fusion.mode else ""
        yield f"| {plain(mode)}{chosen} | {' | '.join(_number(found.get(key)) for key in MEASURES)} |"


def _number(value: object) -> str:
    return f"{value:.4f}" if isinstance(value, float) else "" if value is None else str(value)


def _gates(verified: VerifyFacts) -> Iterator[str]:
    yield "## Gates"
    yield f"{plain(verified.standing)}. `unchecked` is not a pass."
    yield ""
    yield "| gate | outcome | value | limit | detail |"
    yield "|---|---|---:|---:|---|"
    for gate in verified.gates:
        if gate.outcome != SKIPPED:
            numbers = f"{_number(gate.value)} | {_number(gate.limit)}"
            yield f"| {plain(gate.gate)} | {SIGNS[gate.outcome]} | {numbers} | {plain(gate.said)} |"


def _use(manifest: Manifest, repository: str) -> Iterator[str]:
    name = manifest.name
    yield "## On Android"
    yield "```sh"
    yield f"hf download {repository} --local-dir android_assets"
    yield f"pocketrag verify android_assets/{name}"
    yield f"pocketrag aar android_assets/{name} --out maven"
    yield "```"
    yield ""
    yield "`aar` prints the two lines for the app's build file; then:"
    yield ""
    yield "```kotlin"
    yield f'val rag = Rag.open(context, "{name}")'
    yield 'rag.search("a question of yours").hits.forEach { println(it.passage.text) }'
    yield "```"


def _licence(manifest: Manifest) -> Iterator[str]:
    yield "## Licence"
    for what, licence in manifest.licences.items():
        yield f"- {plain(what)}: {plain(licence) or 'not stated'}"
    yield ""
    yield (
        f"[NOTICE]({manifest.name}/NOTICE) says what has to be passed on. The database has the passages as "
        "they are: whoever has the bundle can read them."
    )


def _digests(manifest: Manifest) -> Iterator[str]:
    yield "## Digests"
    yield "| file | bytes | SHA-256 |"
    yield "|---|---:|---|"
    for name, entry in manifest.files.items():
        yield f"| {plain(name)} | {entry.bytes:,} | `{entry.sha256}` |"
