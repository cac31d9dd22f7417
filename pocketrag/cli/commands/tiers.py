"""`pocketrag tiers`: what answers on which phone, written beside the bundle."""

from __future__ import annotations

from pathlib import Path

from pocketrag.console import status
from pocketrag.formats import files
from pocketrag.formats.facts.exam import ExamFacts
from pocketrag.formats.facts.tiers import ChosenTier, OfferFacts, TiersFacts
from pocketrag.formats.generator.answer_tiers import MEGABYTE, choose
from pocketrag.pipeline.project import Project
from pocketrag.pipeline.run import exists, find
from pocketrag.pipeline.source import ships
from pocketrag.pipeline.stage import facts_of
from pocketrag.pipeline.tier_verdict import ASSETS, publish_tiers


def tiers(
    recipe: str,
    *,
    exam: str | None = None,
    assets: str = str(ASSETS),
    memory: int | None = None,
    work: str = "work",
) -> TiersFacts:
    """Write the tiers of the recipe's generator; whoever was not examined, or failed, does not ship.

    Args:
        recipe: the TOML file.
        exam: a file with what `pocketrag exam --json` printed, of another machine; by default the stage's.
        assets: the folder of bundle and generator, where `NAME.tiers.json` goes.
        memory: of a phone, in megabytes as Android reports them: say which tier it gets.
        work: where the stages lie.

    Raises:
        InputError: the recipe has no [generator], none is published, or the exam is another generator's.

    """
    project = Project.read(recipe, work=work)
    generator = project.need_generator("offer")
    found = publish_tiers(project.recipe, generator, _exam(project, exam), Path(assets))
    if memory is None:
        return found
    return found.model_copy(
        update={"chosen": tuple(_chosen(found, memory, server) for server in (False, True))}
    )


def _exam(project: Project, file: str | None) -> ExamFacts | None:
    if file is not None:
        return ExamFacts.read(files.read_json(Path(file)), file)
    if project.need_generator("examine").exam is None:
        return None
    done = find(project, "exam", ships(project))
    if done is None and exists(project, "exam"):
        status(
            "the last exam is of another recipe, bundle or generator than the present ones, so it does not "
            "count here; run `pocketrag exam` again"
        )
    return facts_of(done, ExamFacts) if done else None


def _chosen(offer: OfferFacts, memory: int, server: bool) -> ChosenTier:
    folders = [tier.pack.folder for tier in offer.tiers if tier.pack]
    tier = choose(offer, memory * MEGABYTE, folders, server=server)
    return ChosenTier(memory_megabytes=memory, server=server, tier=tier.name)
