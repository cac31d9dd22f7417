"""`pocketrag instruct`: a language model tuned on the app's dialogues."""

from __future__ import annotations

from pocketrag.errors import InputError
from pocketrag.formats.facts.base import or_nan
from pocketrag.formats.facts.evaluate import TargetFacts
from pocketrag.formats.facts.generator import InstructFacts
from pocketrag.pipeline.project import Project
from pocketrag.pipeline.run import run
from pocketrag.pipeline.stage import facts_of
from pocketrag.recipe.generator import GeneratorTargets


def instruct(recipe: str, *, work: str = "work") -> InstructFacts:
    """Tune the recipe's generator on the assistant's turns of its dialogues, and merge it.

    Interrupted, it goes on from the last checkpoint when it is run again with the same inputs and settings.

    Args:
        recipe: the TOML file.
        work: where the stages lie.

    Raises:
        InputError: the recipe has no generator, or none that is tuned; or dialogues, exam or base are bad.
        GateError: the best checkpoint could not be brought back, or the merged model is another one.

    """
    project = Project.read(recipe, work=work)
    generator = project.need_generator("instruct")
    if generator.method == "none":
        raise InputError(f'{recipe}: `generator.method` is "none", so there is nothing to tune.')
    done = run(project, "instruct")
    facts = facts_of(done, InstructFacts).at(done.folder)
    return facts.model_copy(update={"targets": met(generator.targets, facts)})


def met(wanted: GeneratorTargets, facts: InstructFacts) -> tuple[TargetFacts, ...]:
    """Return a row a target that the recipe states: each is the most that was hoped for."""
    found = {
        "training_loss": or_nan(facts.training_loss),
        "held_out_loss": facts.held_out_loss.tuned,
        "adapter_megabytes": facts.adapter.megabytes,
        "trained_share": facts.adapter.share,
    }
    stated = wanted.model_dump(exclude_none=True)
    return tuple(
        TargetFacts(target=name, wanted=most, found=found[name], met=found[name] <= most)
        for name, most in stated.items()
    )
