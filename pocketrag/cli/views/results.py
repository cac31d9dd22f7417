"""The tables that people read; `--json` prints the same facts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pocketrag.console import out, table
from pocketrag.formats.bundle_encoder import FULL
from pocketrag.formats.data.no_questions import MEND, MISSING
from pocketrag.formats.facts.ab import AbFacts
from pocketrag.formats.facts.ask import AskFacts
from pocketrag.formats.facts.base import Facts
from pocketrag.formats.facts.build import BuildFacts
from pocketrag.formats.facts.channel import ChannelFacts
from pocketrag.formats.facts.check import CheckFacts
from pocketrag.formats.facts.evaluate import MtebEvaluation, RecipeEvaluation, TargetEvaluation
from pocketrag.formats.facts.exam import ExamFacts
from pocketrag.formats.facts.generator import InstructFacts
from pocketrag.formats.facts.ingest import ChunkFacts, ImportFacts
from pocketrag.formats.facts.init import InitFacts
from pocketrag.formats.facts.npu import NpuFacts
from pocketrag.formats.facts.parity import ParityFacts
from pocketrag.formats.facts.phone.latency import LatencyFacts
from pocketrag.formats.facts.push import PushFacts
from pocketrag.formats.facts.questions import QuestionsFacts
from pocketrag.formats.facts.recipe import RecipeFacts
from pocketrag.formats.facts.report import ReportFacts
from pocketrag.formats.facts.search import Found, SearchFacts
from pocketrag.formats.facts.static import StaticFacts
from pocketrag.formats.facts.status import StatusFacts
from pocketrag.formats.facts.students import DistilledFacts
from pocketrag.formats.facts.tiers import TiersFacts
from pocketrag.formats.facts.traits import TraitsFacts
from pocketrag.formats.facts.updates import DeltaFacts, KeyFacts
from pocketrag.formats.facts.verify import VerifyFacts
from pocketrag.formats.facts.versions import UpdateFacts

from .ab_table import show_ab
from .ask_table import show_asked
from .bench import show_latency, show_open_gates, show_parity, show_verify
from .exam_table import show_exam
from .init_table import show_init
from .instruct_table import show_instruct
from .ladder_table import show_distilled, show_ladder
from .npu_table import show_npu
from .plain_table import show_plain
from .push_table import show_push
from .quality import show_mteb, show_quality, show_target
from .questions_table import show_questions
from .recipe_table import show_recipe
from .status_table import show_status
from .tiers_table import show_tiers
from .traits import show_traits
from .updates_table import show_channel, show_delta, show_key


def show(facts: Facts) -> None:
    """Print a verb's result."""
    VIEWS.get(type(facts), show_plain)(facts)


def _chunk(facts: ChunkFacts) -> None:
    """One line a file that was left out; counts beside."""
    lists: dict[str, Mapping[str, object]] = {
        "skipped": facts.skipped,
        "pages without text": {
            name: ", ".join(map(str, pages)) for name, pages in facts.pages_without_text.items()
        },
        "missing": {name: "; ".join(parts) for name, parts in facts.missing.items()},
        "unknown suffix": facts.unknown_suffix,
    }
    rows = [(key, value) for key, value in facts if key.replace("_", " ") not in lists]
    table("", ("fact", "value"), [*rows, *((key, len(found)) for key, found in lists.items())])
    for key, found in lists.items():
        for name, value in found.items():
            out.print(f"{key}: {name or '(none)'}: {value}", markup=False)


def _import(facts: ImportFacts) -> None:
    pairs = [*facts.fields.items(), *facts.question_fields.items()]
    table(facts.out, ("our field", "taken from"), pairs)
    out.print()
    counts = {key.replace("_", " "): value for key, value in facts if isinstance(value, int) and value}
    skipped = {f"skipped {key}": value for key, value in facts.skipped.items() if value}
    table("", ("what", "count"), [*counts.items(), *skipped.items()])
    out.print(f"\nwritten: {', '.join(facts.files)}", markup=False)


def _check(facts: CheckFacts) -> None:
    table(
        facts.recipe,
        ("check", "outcome", "detail"),
        [(one.check, one.outcome, one.detail) for one in facts.checks],
    )


def _search(facts: SearchFacts) -> None:
    several = len(facts.encoders) > 1 or facts.fell_back or facts.encoder != FULL
    by = f", {facts.encoder}" if facts.encoder and several else ""
    out.print(f"{facts.question}  ({facts.mode}{by})\n", markup=False)
    if facts.fell_back:
        out.print(f"{facts.fell_back}\n", markup=False)
    if facts.abstain:
        best = f"the nearest passage has cosine {facts.best:.3f}, below {facts.threshold:.3f}"
        out.print(f"Probably not in this corpus: {best}.\n", markup=False)
    if facts.nothing:
        out.print(f"No passage found: {facts.nothing}.\n", markup=False)
    for hit in facts.hits:
        where = ", ".join(
            str(word) for word in (hit.source, f"page {hit.page}" if hit.page else None) if word
        )
        out.print(
            f"{hit.rank}. {hit.title}  [{'; '.join(x for x in (_found_by(hit), hit.id, where) if x)}]",
            markup=False,
            style="bold",
        )
        out.print(f"   {hit.text}\n", markup=False)
    for block in facts.context:
        out.print(f"[{', '.join(block.ids)}; {block.tokens} tokens]", markup=False, style="bold")
        out.print(f"   {block.text}\n", markup=False)


def _found_by(hit: Found) -> str:
    # A fused score says how two lists were joined, and nothing of this passage.
    near = f"cosine {hit.cosine:.3f}" if hit.cosine is not None else ""
    words = f"full text {hit.bm25_rank}." if hit.bm25_rank else ""
    return ", ".join(part for part in (near, words) if part)


def _evaluate(facts: RecipeEvaluation) -> None:
    show_quality(facts.models, whole=True)


def _build(facts: BuildFacts) -> None:
    if facts.quality.models:
        show_quality(facts.quality.models)
    else:
        out.print(f"quality unchecked: {MISSING}; {MEND}.", markup=False)
    out.print()
    if facts.stages.ladder:
        show_ladder(facts.stages.ladder)
        out.print()
    show_open_gates(facts.gates)
    out.print()
    large = ", ".join(f"{name} {bytes_ / 1e6:.1f}" for name, bytes_ in facts.files.items() if bytes_ > 5e5)
    rows = [
        ("model", facts.model_id),
        ("ships", f"{facts.verdict.ships} ({facts.verdict.reason})"),
        ("size", f"{facts.bytes / 1e6:.1f} MB: {large}"),
        *_npu(facts.stages.npu),
        ("gates", facts.standing),
        ("seconds", str(facts.seconds)),
        ("bundle", facts.bundle),
        *_model_update(facts),
    ]
    table(f"{facts.name} {facts.version}", ("", ""), rows)


def _npu(found: NpuFacts | None) -> Iterator[tuple[str, str]]:
    if found:
        files = ", ".join(f"{soc} {file.bytes / 1e6:.1f} MB" for soc, file in found.files.items())
        yield "NPU files", f"{files}; at {', '.join(map(str, found.lengths))} tokens"


def _model_update(facts: BuildFacts) -> Iterator[tuple[str, str]]:
    if new := facts.update:
        sizes = f"{new.bytes / 1e6:.1f} of {facts.bytes / 1e6:.1f} MB"
        yield (
            "model-only update",
            f"of {new.before}: no passage changed, its apps need {sizes}: {new.command}",
        )


def _update(facts: UpdateFacts) -> None:
    rows = [
        ("model", f"{facts.model_id}, in place of {facts.model_id_before}"),
        ("vectors", f"of {facts.vectors_model_id}, as before"),
        ("carries", ", ".join(facts.carried)),
        ("from the app's own bundle", ", ".join(facts.taken)),
        ("size", f"{facts.bytes / 1e6:.1f} MB; the whole bundle has {facts.bytes_whole / 1e6:.1f} MB"),
        ("update", facts.update),
    ]
    table(f"{facts.name} {facts.before} -> {facts.version}, a model-only update", ("", ""), rows)
    out.print(
        "\nBring this folder to the phone and open it there with FolderSource(folder). An app with another "
        "bundle refuses it.",
        markup=False,
    )


def _static(facts: StaticFacts) -> None:
    large = ", ".join(f"{name} {bytes_ / 1e6:.1f}" for name, bytes_ in facts.files.items() if bytes_ > 5e4)
    app = (
        f"least cosine {facts.app.least_cosine} to float32, n = {facts.app.n}" if facts.app else facts.no_app
    )
    rows = [
        ("folder", f"{facts.out}: a Model2Vec folder, StaticModel.from_pretrained(...) opens it"),
        ("tokens", f"{facts.embedded:,} of {facts.tokens:,} have a vector"),
        ("numbers", f"{facts.dims} of {facts.hidden} a token; {facts.explained:.1%} of the variance"),
        ("weighted by", f"{facts.frequencies}, sif {facts.sif:g}"),
        ("app's .tflite", app or str(facts.no_app)),
        ("size, MB", large),
        ("seconds", str(facts.seconds)),
    ]
    table(f"{facts.model}, a static table", ("", ""), rows)


def _report(facts: ReportFacts) -> None:
    table(
        "",
        ("report", "verdict", "standing"),
        [(row.report, row.verdict, row.standing) for row in facts.reports],
    )
    out.print(f"\nwritten: {facts.out}", markup=False)


#: Model -> how it is printed; each takes its own.
VIEWS: Mapping[type[Facts], Callable[[Any], None]] = {
    AbFacts: show_ab,
    AskFacts: show_asked,
    BuildFacts: _build,
    ChannelFacts: show_channel,
    CheckFacts: _check,
    DeltaFacts: show_delta,
    DistilledFacts: show_distilled,
    RecipeEvaluation: _evaluate,
    TargetEvaluation: show_target,
    MtebEvaluation: show_mteb,
    ChunkFacts: _chunk,
    RecipeFacts: show_recipe,
    ExamFacts: show_exam,
    InstructFacts: show_instruct,
    ImportFacts: _import,
    InitFacts: show_init,
    KeyFacts: show_key,
    QuestionsFacts: show_questions,
    ReportFacts: _report,
    LatencyFacts: show_latency,
    NpuFacts: show_npu,
    ParityFacts: show_parity,
    PushFacts: show_push,
    SearchFacts: _search,
    StaticFacts: _static,
    StatusFacts: show_status,
    TiersFacts: show_tiers,
    TraitsFacts: show_traits,
    UpdateFacts: _update,
    VerifyFacts: show_verify,
}
