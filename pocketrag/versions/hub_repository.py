"""A model repository of the Hugging Face hub: whether a bundle may go there, and sending it.

All by huggingface_hub, which is imported when it is needed. The hub raises a dozen kinds of errors; each ends
as one sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from pocketrag.errors import InputError, first_line
from pocketrag.formats import files
from pocketrag.formats.manifest import MANIFEST, Manifest

if TYPE_CHECKING:
    from huggingface_hub import HfApi

CARD = "README.md"
#: What may lie in a repository in which nobody has put anything.
EMPTY = {CARD, ".gitattributes", "LICENSE"}
NEW, SAME, OURS = "new", "holds this bundle as it is", "holds another version of this bundle"
_NAME = re.compile(r"[A-Za-z0-9](?:[\w-]|\.(?!\.))*/[A-Za-z0-9](?:[\w-]|\.(?!\.))*")


@dataclass(frozen=True)
class Found:
    """A repository as it was found."""

    state: str
    private: bool | None = None
    """None where there is none yet."""
    commit: str | None = None


def checked_name(to: str) -> str:
    """Return `OWNER/NAME` where it is one.

    Raises:
        InputError: it is not.

    """
    if not _NAME.fullmatch(to) or len(to.split("/")[1]) > 96 or to.endswith((".git", ".", "-")):
        raise InputError(
            f"--to{to and ' '}{to}: not a repository of the hub; write OWNER/NAME, as in acme/app-bundle."
        )
    return to


def logged_in() -> str:
    """Return the token of `hf auth login` or of HF_TOKEN.

    Raises:
        InputError: there is none.

    """
    from huggingface_hub import get_token

    if not (token := get_token()):
        raise InputError("no token for the hub: run `hf auth login`, or set HF_TOKEN to one that may write.")
    return token


def look(api: HfApi, to: str, manifest: Manifest, digest: str) -> Found:
    """Ask the hub for the repository, and what lies in it.

    Args:
        api: the hub.
        to: `OWNER/NAME`.
        manifest: of the bundle that wants to go there.
        digest: the SHA-256 of that manifest's file.

    Raises:
        InputError: it holds something else, another bundle, or this version with other bytes.

    """
    from huggingface_hub.errors import RepositoryNotFoundError

    with _in_a_sentence(to):
        try:
            info = api.model_info(to)
        except RepositoryNotFoundError:
            return Found(NEW)
        names = {one.rfilename for one in info.siblings or ()}
    state = _state(api, to, names, manifest, digest)
    return Found(state, bool(info.private), info.sha)


def _state(api: HfApi, to: str, names: set[str], manifest: Manifest, digest: str) -> str:
    bundles = sorted(name.removesuffix(f"/{MANIFEST}") for name in names if name.endswith(f"/{MANIFEST}"))
    if others := [name for name in bundles if name != manifest.name]:
        raise InputError(
            f"--to {to}: holds another bundle, {others[0]}; give {manifest.name} one of its own."
        )
    if not bundles and (strange := sorted(names - EMPTY)):
        raise InputError(f"--to {to}: holds {strange[0]} and no bundle of ours; it is left alone.")
    return _compared(api, to, manifest, digest) if bundles else NEW


def _compared(api: HfApi, to: str, manifest: Manifest, digest: str) -> str:
    with TemporaryDirectory() as folder:
        with _in_a_sentence(to):
            there = Path(api.hf_hub_download(to, f"{manifest.name}/{MANIFEST}", local_dir=folder))
        if files.sha256(there) == digest:
            return SAME
        values = files.read_json(there)
    version = values.get("version") if isinstance(values, dict) else None
    if version == manifest.version:
        raise InputError(
            f"--to {to}: has {manifest.name} {version} already, with other bytes. Raise the recipe's "
            "`version` and build again."
        )
    return OURS


def send(
    api: HfApi, to: str, folder: Path, manifest: Manifest, found: Found, private: bool
) -> tuple[str, str]:
    """Make the repository if it is new, send a folder as one commit, and return the commit and its URL.

    Files of the bundle that are no longer in it go. Where somebody was faster since `look`, nothing is sent.

    Raises:
        InputError: the hub refuses, or can't be reached.

    """
    with _in_a_sentence(to):
        if found.private is None:
            api.create_repo(to, private=private, exist_ok=True)
        done = api.upload_folder(
            repo_id=to,
            folder_path=folder,
            commit_message=f"{manifest.name} {manifest.version}: {manifest.model_id}",
            delete_patterns=[f"{manifest.name}/*"],
            parent_commit=found.commit,
        )
    return done.oid, str(done.commit_url)


@contextmanager
def _in_a_sentence(to: str) -> Iterator[None]:
    try:
        yield
    except InputError:
        raise
    except Exception as error:  # the hub's own, those of the network, offline mode
        status = getattr(getattr(error, "response", None), "status_code", None)
        mend = {401: " Run `hf auth login`.", 403: " Your token may not write there."}.get(status or 0, "")
        raise InputError(
            f"--to {to}: the hub did not do it ({type(error).__name__}): {first_line(error)}{mend}"
        ) from error
