"""A bundle's manifest, once the files that it lists are known to be those that were built."""

from __future__ import annotations

from pathlib import Path

from pocketrag.errors import InputError

from . import files
from .identity import model_id_of
from .layout import DATABASE
from .manifest import MANIFEST, Manifest, read_manifest


def checked(bundle: Path) -> Manifest:
    """Read a bundle's manifest and check the digest of every file that it lists.

    Raises:
        InputError: it is not a bundle, a file was changed since the build, or the model is not the one that
            is named.

    """
    manifest = read_manifest(bundle)
    for name, entry in manifest.files.items():
        path = files.inside(bundle, name)
        if not path.is_file():
            update = "" if (bundle / DATABASE).exists() else " (a model-only update is no whole bundle)"
            raise InputError(f"{path}: missing, or not a file{update}. Run `pocketrag verify {bundle}`.")
        if files.sha256(path) != entry.sha256:
            raise InputError(
                f"{path}: not the file that was built (its SHA-256 differs). Run `pocketrag verify {bundle}`."
            )
    if lacking := [name for name in (DATABASE, *needed(manifest)) if name not in manifest.files]:
        raise InputError(
            f"{bundle}: its manifest does not list {lacking[0]}. Run `pocketrag verify {bundle}`."
        )
    main = manifest.main
    own = model_id_of(
        manifest.name, manifest.version, main.embedder.quantization, manifest.files[main.file].sha256
    )
    if manifest.model_id != own:
        raise InputError(
            f"{bundle / main.file}: is {own!r}, but the manifest names {manifest.model_id!r}. Build it again."
        )
    return manifest


def sums_of(bundle: Path, manifest: Manifest) -> dict[str, str]:
    """Return what `SHA256SUMS` has to say: the digests that the manifest lists, and the manifest's own."""
    listed = {name: file.sha256 for name, file in manifest.files.items()}
    return {**listed, MANIFEST: files.sha256(bundle / MANIFEST)}


def embeds_with(manifest: Manifest) -> tuple[object, ...]:
    """Return all that decides the main encoder's vector of a text.

    Bundles of which it is equal can be searched together.
    """
    main = manifest.main
    return (
        main.embedder,
        manifest.files[main.file].sha256,
        manifest.files[main.embedder.tokenizer.file].sha256,
    )


def needed(manifest: Manifest) -> tuple[str, ...]:
    """Return the files of all encoders: model, golden texts and tokenizer of each."""
    names = ((one.file, one.golden, one.embedder.tokenizer.file) for one in manifest.encoders)
    return tuple(dict.fromkeys(name for three in names for name in three))
