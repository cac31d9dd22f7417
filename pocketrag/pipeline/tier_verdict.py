"""What answers on which phone: the tiers of a recipe's generator, by its exam and its limits."""

from __future__ import annotations

from pathlib import Path

from pocketrag.errors import InputError
from pocketrag.formats import files
from pocketrag.formats.facts.exam import ArmFacts, ExamFacts, PackedFacts
from pocketrag.formats.facts.measures import MeanWithInterval
from pocketrag.formats.facts.tiers import (
    CONTRACT,
    LONGEST,
    LimitName,
    OfferFacts,
    Tier,
    TierExam,
    TierLimit,
    TierPack,
    TierServer,
    TiersFacts,
    TierTimes,
)
from pocketrag.formats.generator import MODEL, SUFFIX, read_generator
from pocketrag.formats.generator.answer_tiers import TIERS, pack_of
from pocketrag.recipe.generator import Generator, GeneratorLimits
from pocketrag.recipe.generator_tiers import ServerTier
from pocketrag.recipe.recipe import Recipe

NO_EXAM = "unchecked: no exam"
#: Where bundles lie, and what belongs to them.
ASSETS = Path("android_assets")
#: The arms of an exam that are a tier's answers: of the passages alone, and of a model in full precision.
QUOTES, FLOAT = "quotes", "float"


def publish_tiers(
    recipe: Recipe, generator: Generator, exam: ExamFacts | None, assets: Path = ASSETS
) -> TiersFacts:
    """Write `NAME.tiers.json` beside the bundle, the same bytes for the same generator, exam and recipe.

    Args:
        recipe: names the bundle.
        generator: the recipe's.
        exam: of the generator that is published; None: nobody examined it, and so it does not ship.
        assets: the folder of bundle and generator.

    Raises:
        InputError: no generator is published there, it is damaged, or the exam is another generator's.

    """
    folder = assets / (recipe.name + SUFFIX)
    read_generator(folder)
    pack = pack_of(recipe.name, folder)
    if exam and exam.packed.file != pack.files[MODEL].sha256:
        raise InputError(
            f"{folder / MODEL}: not the generator that was examined. Publish it again (`pocketrag pack`), "
            "then run `pocketrag exam`."
        )
    offer = offered(recipe, generator, pack, exam)
    file, text = assets / (recipe.name + TIERS), files.to_json(offer.as_json())
    files.write_atomic(file, text)
    return offer.into(TiersFacts, file=str(file), sha256=files.text_sha256(text))


def offered(recipe: Recipe, generator: Generator, pack: TierPack, exam: ExamFacts | None) -> OfferFacts:
    """Return the tiers of a recipe, each with what holds of it."""
    tiers = [_free(exam), _standard(generator, pack, exam)]
    if server := generator.tiers.premium:
        tiers.append(_premium(generator.limits, server, exam))
    return OfferFacts(contract=CONTRACT, name=recipe.name, version=recipe.version, tiers=tuple(tiers))


def _free(exam: ExamFacts | None) -> Tier:
    return Tier(
        name="free",
        answers="quotes",
        memory_megabytes=0,
        pack=None,
        server=None,
        exam=_arm(exam.arms.get(QUOTES)) if exam else None,
        measured=None,
        limits={},
        ships=True,
        why="search and quotes, on every phone",
    )


def _standard(generator: Generator, pack: TierPack, exam: ExamFacts | None) -> Tier:
    packed = exam.packed if exam else None
    limits = _limits(generator.limits, packed)
    no = _objection(exam is not None, limits)
    if no is None and exam is not None and not exam.ships:
        no = f"its exam: {exam.reason}"
    return Tier(
        name="standard",
        answers="generator",
        memory_megabytes=generator.tiers.memory_megabytes,
        pack=pack,
        server=None,
        exam=_mean(packed.accuracy) if packed else None,
        measured=_times(packed) if packed else None,
        limits=limits,
        ships=no is None,
        why=_short(no or (exam.reason if exam else "")),
    )


def _premium(limits: GeneratorLimits, server: ServerTier, own: ExamFacts | None) -> Tier:
    exam = _examined(server, own)
    accuracy = (exam.arms[FLOAT].accuracy if FLOAT in exam.arms else exam.packed.accuracy) if exam else None
    held: dict[LimitName, TierLimit] = {"accuracy": _accuracy(limits, accuracy)}
    no = _objection(exam is not None, held)
    return Tier(
        name="premium",
        answers="server",
        memory_megabytes=0,
        pack=None,
        server=TierServer(url=server.url, model=server.model),
        exam=_mean(accuracy) if accuracy else None,
        measured=None,
        limits=held,
        ships=no is None,
        why=_short(no or "examined elsewhere; its times are the network's"),
    )


def _examined(server: ServerTier, own: ExamFacts | None) -> ExamFacts | None:
    if server.exam is None:
        return None
    found = ExamFacts.read(files.read_json(server.exam), str(server.exam))
    asked = {one.exam_sha256 for one in (found, own) if one and one.exam_sha256}
    if own and len(asked) > 1:
        raise InputError(
            f"{server.exam}: an exam of other questions than the recipe's (their SHA-256 differ). Examine "
            "both by the same `generator.exam`."
        )
    if own and (found.answerable, found.unanswerable) != (own.answerable, own.unanswerable):
        raise InputError(
            f"{server.exam}: an exam of {found.answerable} questions with an answer and "
            f"{found.unanswerable} without, the recipe's has {own.answerable} and {own.unanswerable}. "
            "Give both the same."
        )
    return found


def _limits(limits: GeneratorLimits, packed: PackedFacts | None) -> dict[LimitName, TierLimit]:
    loss = packed.quantization_loss.mean if packed else None
    return {
        "accuracy": _accuracy(limits, packed.accuracy if packed else None),
        "quantization_loss": _most(limits.quantization_loss, loss, "of accuracy, against float32"),
        "seconds": _elsewhere(limits.seconds, packed, packed.seconds if packed else None),
        "memory_megabytes": _elsewhere(
            limits.memory_megabytes, packed, packed.memory_megabytes if packed else None
        ),
    }


def _accuracy(limits: GeneratorLimits, found: MeanWithInterval | None) -> TierLimit:
    if found is None:
        return TierLimit(limit=limits.accuracy, value=None, holds=None, why=NO_EXAM)
    return TierLimit(
        limit=limits.accuracy,
        value=found.mean,
        holds=found.mean >= limits.accuracy,
        why=f"at least, over {found.n} questions",
    )


def _most(limit: float, value: float | None, what: str) -> TierLimit:
    if value is None:
        return TierLimit(limit=limit, value=None, holds=None, why=NO_EXAM)
    return TierLimit(limit=limit, value=value, holds=value <= limit, why=f"at most, {what}")


def _elsewhere(limit: float, packed: PackedFacts | None, value: float | None) -> TierLimit:
    """Hold a phone to what another machine took: that it took more counts, that it took less does not."""
    if packed is None or value is None:
        return TierLimit(limit=limit, value=None, holds=None, why=NO_EXAM)
    if value > limit:
        return TierLimit(limit=limit, value=value, holds=False, why=_short(f"beyond it on {packed.host}"))
    return TierLimit(
        limit=limit, value=value, holds=None, why=_short(f"unchecked: {packed.host} is no phone")
    )


def _objection(examined: bool, limits: dict[LimitName, TierLimit]) -> str | None:
    """Return why a tier does not ship; None where nothing is against it."""
    if not examined:
        return f"{NO_EXAM} (`pocketrag exam`)"
    failed = [
        f"{name.replace('_', ' ')} {row.value:.4g}, limit {row.limit:g}"
        for name, row in limits.items()
        if row.holds is False
    ]
    return "; ".join(failed) or None


def _times(packed: PackedFacts) -> TierTimes:
    return TierTimes(
        host=_short(packed.host),
        phone=False,
        seconds=packed.seconds,
        first_token_seconds=packed.first_token_seconds,
        tokens_per_second=packed.tokens_per_second,
        memory_megabytes=packed.memory_megabytes,
    )


def _arm(arm: ArmFacts | None) -> TierExam | None:
    return _mean(arm.accuracy) if arm else None


def _mean(found: MeanWithInterval) -> TierExam:
    # A bootstrap's ends are means of zeros and ones; rounding may leave them a hair beyond.
    low, high = (min(max(end, 0.0), 1.0) for end in found.interval)
    return TierExam(accuracy=found.mean, interval=(low, high), questions=found.n)


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
