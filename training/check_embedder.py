"""The lines of `check` about the base model: is it there, can it be exported, can it read the texts?"""

from __future__ import annotations

from pathlib import Path

from pocketrag.errors import InputError
from pocketrag.formats.embedder.capabilities import model_faults, npu_fault, tokenizer_faults
from pocketrag.formats.embedder.embedder_folder import BASE, EMBEDDED, locate, read_embedder
from pocketrag.formats.embedder.families import CAPABILITIES
from pocketrag.formats.facts.outcome import Outcome
from pocketrag.formats.gate import failed, passed, unchecked
from pocketrag.formats.prompts import strangers
from pocketrag.recipe import long_passages as too_long
from pocketrag.recipe.base_model import prompts_of
from pocketrag.recipe.recipe import Recipe

from .reading import count_tokens, read_texts
from .seen import Seen, unread

#: Answers of the hub that another try won't change: not logged in, not allowed, no such model.
REFUSALS = (401, 403, 404)
#: What to do with a base that can't read the texts.
READER = (
    "take a base that was trained on that language, such as --base google/embeddinggemma-300m (over 100 "
    'languages), or search by full text alone: `mode = "bm25"` in [search], or `build --mode bm25`'
)
ABSENT = "the base model is not here, or can't be read"


def at_hand(recipe: Recipe) -> Path | None:
    """Return the base's folder without a download; None where only the hub has it.

    Raises:
        InputError: there is no such folder, and it is no hub id; or it is no whole embedder.

    """
    folder = without_download(recipe.model.base, recipe.model.revision)
    if folder is not None:
        read_embedder(folder)
    return folder


def without_download(base: str, revision: str | None, key: str = BASE) -> Path | None:
    """Return a model's folder as it is here; None where only the hub has it.

    Args:
        base: a folder or a hub id.
        revision: of the hub id.
        key: what messages call it.

    Raises:
        InputError: there is no such folder, and it is no hub id.

    """
    if Path(base).is_dir() or base in EMBEDDED or base.startswith((".", "/", "~")) or base.count("/") != 1:
        return locate(base, revision, key)
    try:
        from huggingface_hub import snapshot_download

        return Path(snapshot_download(base, revision=revision, local_files_only=True))
    except Exception:  # not in the cache, or no hub client: the line `base` says what that means
        return None


def base(seen: Seen) -> Outcome:
    """Check that the base is there, and that it can be exported and read by the app.

    Raises:
        InputError: it can't; all reasons at once.

    """
    if seen.folder is None:
        return on_the_hub(seen.recipe.model.base, "name a folder with --base DIR")
    embedder, name = read_embedder(seen.folder), seen.recipe.model.name
    faults = list(model_faults(embedder))
    if embedder.family in CAPABILITIES:
        faults += tokenizer_faults(embedder)
    longest, dims = seen.recipe.export.lengths[-1], seen.recipe.export.dims
    there = 0 if faults else embedder.width
    if dims and there and not embedder.dense and dims > there:
        faults.append(f"`export.dims`: {dims} is more than the {there} dims of {name}.")
    if longest > embedder.max_tokens:
        faults.append(
            f"`export.lengths`: {longest} is more than the {embedder.max_tokens} tokens that {name} takes."
        )
    if seen.recipe.export.npu and (refused := npu_fault(embedder.family, name)):
        faults.append(refused)
    if faults:
        raise InputError(" ".join(faults))
    unit = "" if embedder.normalized else "; it has no Normalize, and its vectors are brought to unit length"
    return passed(
        f"{name}: {embedder.family}, {embedder.pooling} pooling, {len(embedder.dense)} dense layers{unit}"
    )


def on_the_hub(base: str, instead: str) -> Outcome:
    """Ask the hub whether it gives a model; `instead` says what else may be done."""
    try:
        from huggingface_hub import HfApi

        HfApi().auth_check(base)
    except Exception as error:  # the hub raises a dozen kinds; only its own refusal is an answer
        if getattr(getattr(error, "response", None), "status_code", None) in REFUSALS:
            mend = f"mend the id, accept its terms and run `hf auth login`, or {instead}"
            return failed(f"{base}: the hub refuses it ({type(error).__name__}); {mend}")
        return unchecked(
            f"{base}: no folder, not in the cache, and the hub can't be asked ({type(error).__name__}); "
            f"connect, or {instead}"
        )
    return passed(f"{base}: the hub gives it; it is downloaded when it is first needed")


def prompts(seen: Seen) -> Outcome:
    """Check that the base is asked as it was trained."""
    if seen.folder is None and seen.recipe.prompts is None:
        return unchecked(f"{ABSENT}, and the recipe has no [prompts]")
    found = prompts_of(seen.recipe)
    if found.query != "{question}" or seen.folder is None:
        return passed(f"{found.query!r}, {found.document!r}")
    embedder = read_embedder(seen.folder)
    known = CAPABILITIES.get(embedder.family)
    # Of a Qwen3 the recipe may say so: many are tuned anew without instructions.
    if known and known.asked and ("gemma" in embedder.family or seen.recipe.prompts is None):
        mend = f'set [prompts], such as query = "{known.asked}"'
        return failed(f"none, and {known.title} was trained with prompts: {mend}")
    if seen.recipe.prompts is not None:
        return passed("none for questions, as the recipe says")
    if others := strangers(embedder.prompts):
        named = ", ".join(f"{name} = {text!r}" for name, text in others.items())
        mend = 'set [prompts], such as query = "' + next(iter(others.values())) + '{question}"'
        return failed(
            f"the base has prompts, and none of a name that says it is for questions ({named}): {mend}"
        )
    return passed("none, as the base's configuration has none")


def reading(seen: Seen) -> Outcome:
    """Count unknown tokens and tokens a word; an embedder that is blind to passages or questions fails.

    Unless the recipe, or `--mode`, asks for full text alone.
    """
    if seen.split is None:
        return unread()
    if seen.folder is None:
        return unchecked(ABSENT)
    found = {
        "passages": read_texts(seen.folder, [f"{p.title} {p.text}" for p in seen.split.passages]),
        "questions": read_texts(seen.folder, [q.text for q in seen.split.test]),
    }
    if not seen.split.test:
        del found["questions"]
    said = "; ".join(f"{what}: {one}" for what, one in found.items())
    faults = [f"{what}: {fault}" for what, one in found.items() for fault in one.faults]
    if faults:
        blind = f"the embedder can't read them: {'; '.join(faults)}"
        if seen.recipe.search.mode == "bm25":
            return passed(f"{blind}; the search is by full text alone, which reads them. {said}")
        return failed(f"{blind}; {READER}. {said}")
    return passed(said)


def long_passages(seen: Seen) -> Outcome:
    """Check that no passage is longer than the model takes that embeds it, where the recipe says to fail.

    Raises:
        InputError: some are.

    """
    recipe = seen.recipe
    if seen.split is None:
        return unread()
    if seen.folder is None:
        return unchecked(ABSENT)
    export, passages = recipe.export, seen.split.passages
    longest = export.lengths[-1] if export.documents == "shipped" else read_embedder(seen.folder).max_tokens
    asked = prompts_of(recipe)
    counts = count_tokens(seen.folder, [asked.passage(p.title, p.text) for p in passages])
    by_id = {p.id: count for p, count in zip(passages, counts, strict=True)}
    over = too_long.refuse(export.long_passages, recipe.data.corpus, by_id, longest)
    return passed(
        f"{over} of {len(passages)} exceed the {longest} tokens of the model that embeds them"
        + (f"; they are {export.long_passages}" if over else "")
    )
