"""`pocketrag release`: embeddings, database, model and bundle under one git tag, their data kept by DVC."""

from __future__ import annotations

import importlib
import shutil
from dataclasses import replace
from pathlib import Path

from pocketrag.console import status
from pocketrag.errors import InputError
from pocketrag.formats import files
from pocketrag.formats.facts.base import Source
from pocketrag.formats.facts.versions import ReleaseFacts
from pocketrag.formats.gate import hold_back
from pocketrag.formats.layout import DATABASE, MODEL
from pocketrag.formats.manifest import MANIFEST, read_manifest
from pocketrag.pipeline.project import Project
from pocketrag.pipeline.run import need
from pocketrag.recipe.recipe import Recipe

from . import record, repository
from .record import Artifacts, Corpus, Record
from .repository import Repository

EMBEDDINGS = "embeddings.npy"


def release(
    tag: str,
    recipe: str,
    *,
    bundle: str | None = None,
    purpose: str = "build",
    push: bool = False,
    work: str = "work",
    base: str | None = None,
) -> ReleaseFacts:
    """Version a recipe's published bundle and what it was made of; push it only where `push` says so.

    Everything is checked before anything is written, and the tag comes last: without it there is no release,
    and the same command finishes what was interrupted. The same command with `push` pushes a release that was
    not pushed yet.

    Raises:
        InputError: no git or DVC repository, no remote to push to, the tag is taken, recipe or passages are
            not committed, another tracked file has changes, or the bundle was not made from the recipe as it
            is now.
        GateError, UncheckedError: a required gate of `verify` failed or could not be checked.

    """
    home = repository.find_repository()
    record.place(tag)
    remote = _remote(home) if push else None
    if home.says("rev-parse", "--verify", "--quiet", record.reference(tag)):
        made = _again(home, tag, push)
    else:
        project = Project.read(recipe, work=work, base=base)
        chosen = project.recipe
        folder = Path(bundle or f"android_assets/{chosen.name}")
        artifacts = _artifacts(home, chosen, folder)
        _committed(home, Path(recipe), chosen.data.corpus, artifacts)
        verdict = read_manifest(folder).verdict
        _pass_gates(folder, purpose)
        sources = _sources(
            replace(project, accept_regression=verdict.accepted_regression), verdict.ships, folder
        )
        _lay(home, artifacts, sources)
        made = _record(home, tag, chosen.data.corpus, artifacts)
        _commit(home, made)
    if remote:
        _push(home, made, remote)
    paths = tuple(made.artifacts.paths)
    return ReleaseFacts(tag=tag, model_id=made.model_id, artifacts=paths, files=len(made.files), pushed=push)


def _artifacts(home: Repository, recipe: Recipe, folder: Path) -> Artifacts:
    parts = f"{record.FOLDER}/{recipe.name}"
    return Artifacts(
        embeddings=f"{parts}/{EMBEDDINGS}",
        database=f"{parts}/{DATABASE}",
        model=f"{parts}/model",
        bundle=home.relative(folder),
    )


def _committed(home: Repository, recipe: Path, corpus: Path, artifacts: Artifacts) -> None:
    """Refuse a release that nobody could make again from its tag."""
    for what, path in (("recipe", recipe), ("corpus", corpus)):
        name = home.relative(path)
        if not home.says("cat-file", "-e", f"HEAD:{name}"):
            raise InputError(
                f"{path}: the {what} is not committed, and a release's {what} lies in git; `git "
                "add` and commit it."
            )
    ours = [
        f":(exclude,top,literal){path}" for path in (*artifacts.pointers, *_ignores(artifacts), record.FOLDER)
    ]
    changed = home.git(
        "-c", "core.quotePath=off", "status", "--porcelain", "--untracked-files=no", "--", ".", *ours
    )
    if lines := changed.splitlines():
        names = ", ".join(line[3:] for line in lines[:5])
        raise InputError(
            f"{home.root}: {len(lines)} tracked files have changes that are not committed "
            f"({names}); commit or stash."
        )


def _sources(project: Project, source: Source, folder: Path) -> dict[str, Path]:
    """Return what is copied: the bundle, and what the stages that made this very bundle hold beside it."""
    recipe, index, made_here = (
        project.recipe,
        need(project, "index", source),
        need(project, "bundle", source).folder,
    )
    if files.digests(made_here / recipe.name) != files.digests(folder):
        raise InputError(f"{folder}: not the bundle of {made_here}; run `{project.command('build')}` first.")
    made = {EMBEDDINGS: index.folder / EMBEDDINGS, "bundle": folder}
    # A float embedder that was made here can't be had from anywhere else; a hub's can, by the manifest's id
    # and revision.
    if source == "tuned" or recipe.trim:
        made["embedder"] = need(project, "merge" if source == "tuned" else "trim").folder
    return made


def _pass_gates(folder: Path, purpose: str) -> None:
    # By name: the shared layers import none of the packages.
    check = importlib.import_module("pocketrag.bench.verify").check_bundle
    hold_back(check(str(folder), purpose), "Nothing was released.")


def _lay(home: Repository, artifacts: Artifacts, sources: dict[str, Path]) -> None:
    bundle, manifest = sources["bundle"], read_manifest(sources["bundle"])
    for source, target in (
        (sources[EMBEDDINGS], artifacts.embeddings),
        (bundle / DATABASE, artifacts.database),
    ):
        _copy(source, home.root / target)
    with files.new_folder(home.root / artifacts.model) as temporary:
        for name in (MODEL, manifest.embedder.tokenizer.file):
            shutil.copyfile(bundle / name, temporary / name)
        if embedder := sources.get("embedder"):
            # The stage's own note names inputs by digest only; a folder without it is an ordinary embedder.
            shutil.copytree(embedder, temporary / "embedder", ignore=shutil.ignore_patterns(MANIFEST))


def _record(home: Repository, tag: str, corpus: Path, artifacts: Artifacts) -> Record:
    status("dvc add")
    home.dvc("add", *artifacts.paths)
    manifest = read_manifest(home.root / artifacts.bundle)
    made = Record(
        tag=tag,
        name=manifest.name,
        version=manifest.version,
        model_id=manifest.model_id,
        ships=manifest.verdict.ships,
        corpus=Corpus(path=home.relative(corpus), sha256=files.sha256(corpus)),
        artifacts=artifacts,
        files=record.listing(home.root, artifacts),
    )
    record.prove(home.root, made)
    return made


def _copy(source: Path, target: Path) -> None:
    # Beside and renamed: where DVC linked the earlier file to its cache, writing into it would damage the
    # cache.
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.name}.new")
    shutil.copyfile(source, temporary)
    temporary.replace(target)


def _ignores(artifacts: Artifacts) -> list[str]:
    return sorted({str(Path(path).parent / ".gitignore") for path in artifacts.paths})


def _commit(home: Repository, made: Record) -> None:
    file, message = record.place(made.tag), f"Release {made.tag}: {made.model_id}"
    files.write_atomic(home.root / file, files.to_json(made.model_dump(mode="json")))
    ignores = [path for path in _ignores(made.artifacts) if (home.root / path).is_file()]
    ours = [*made.artifacts.pointers, *ignores, file]
    home.git("add", "--", *ours)
    # An earlier run may have been stopped between commit and tag.
    if not home.says("diff", "--cached", "--quiet", "HEAD", "--", *ours):
        home.git("commit", "--quiet", "--message", message, "--", *ours)
    home.git("tag", "--annotate", "--message", message, made.tag)
    status(f"tagged {made.tag}")


def _again(home: Repository, tag: str, push: bool) -> Record:
    made = record.read_record(home, tag)
    here = home.says("diff", "--quiet", record.reference(tag), "--", *made.artifacts.pointers)
    if not push or not here or record.listing(home.root, made.artifacts) != made.files:
        raise InputError(
            (
                f"tag {tag!r}: exists, it is the model {made.model_id!r}; a release never changes. "
                "Choose another tag"
            )
            + (f", or `pocketrag fallback {tag}` before you push it." if push else ".")
        )
    return made


def _remote(home: Repository) -> str:
    home.need_dvc_remote()
    return home.git_remote()


def _push(home: Repository, made: Record, remote: str) -> None:
    # Data first: a tag that others can see must never lack its data.
    try:
        home.dvc("push", *made.artifacts.pointers)
        home.git("push", "--quiet", "--atomic", remote, "HEAD", record.reference(made.tag))
    except InputError as error:
        raise InputError(
            f"{error} {made.tag} is whole here but not pushed; mend it and run the same command again."
        ) from None
