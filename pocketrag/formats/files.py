"""Files and folders that are whole or not there: digests, writing beside, renaming."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pocketrag.errors import InputError

#: Digests of the files of a folder that is published.
SUMS = "SHA256SUMS"
#: Letters of a name, of at most 4 bytes each, that leave room for a random end.
BESIDE = 50


def sha256(file: Path) -> str:
    """Return the SHA-256 of a file's bytes as 64 hex digits."""
    digest = hashlib.sha256()
    with file.open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def text_sha256(text: str) -> str:
    """Return the SHA-256 of a text's UTF-8 bytes."""
    return hashlib.sha256(text.encode()).hexdigest()


def digests(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of every file below `folder`, keyed by its posix path in it, sorted."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): sha256(path) for path in files}


def sums_text(digests: Mapping[str, str]) -> str:
    """Return the text of a folder's `SUMS`, by name, as `sha256sum --check` reads it."""
    return "".join(f"{digest}  {name}\n" for name, digest in sorted(digests.items()))


def read_sums(folder: Path) -> dict[str, str]:
    """Return what a folder's `SUMS` lists: name -> SHA-256.

    Raises:
        InputError: it is missing, or not to the byte as `sums_text` writes it.

    """
    file = folder / SUMS
    if not file.is_file():
        raise InputError(f"{SUMS}: missing")
    # To the byte: no other line end, nothing behind the last one.
    *whole, rest = file.read_bytes().decode("utf-8", "replace").split("\n")
    lines = [re.fullmatch(r"([0-9a-f]{64})  (\S+)", line) for line in whole]
    if not lines or not all(lines) or rest:
        raise InputError(f"{SUMS}: a line is not `digest  name`")
    return {match[2]: match[1] for match in lines if match}


def digest_of(value: Any) -> str:  # noqa: ANN401 - any JSON value
    """Return the SHA-256 of a JSON value in canonical form."""
    return hashlib.sha256(
        json.dumps(value, sort_keys=True, ensure_ascii=False, default=str).encode()
    ).hexdigest()


def to_json(value: Any) -> str:  # noqa: ANN401 - any JSON value
    """Return `value` as indented JSON with a final newline; NaN is refused, JSON has none."""
    return json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def read_json(file: Path) -> Any:  # noqa: ANN401 - any JSON value
    """Read a JSON file.

    Raises:
        InputError: it is missing, or not UTF-8 JSON.

    """
    try:
        return json.loads(file.read_text("utf-8"))
    except OSError as error:
        raise InputError(f"{file}: {error.strerror or error}.") from None
    except (ValueError, RecursionError) as error:
        raise InputError(f"{file}: not JSON ({error}).") from None


def inside(folder: Path, name: str) -> Path:
    """Return `folder / name`, for a plain file name that a manifest gives.

    Raises:
        InputError: the name has a directory part or is a link, and so could leave the folder.

    """
    path = folder / name
    if name in ("", ".", "..") or Path(name).name != name or "\\" in name or path.is_symlink():
        raise InputError(f"{folder}: the file name {name!r} leaves the folder.")
    return path


def beside(bundle: Path, suffix: str) -> Path:
    """Return where something of a bundle lies that is not in it: beside it, with its name and a suffix."""
    return bundle.resolve().with_name(bundle.resolve().name + suffix)


def is_free(folder: Path, marker: str) -> bool:
    """Whether a folder of ours may be put there: nothing, an empty one, or one with `marker` lies there.

    What a killed process left of it is put back before.
    """
    recover(folder)
    ours = folder.is_dir() and ((folder / marker).is_file() or not any(folder.iterdir()))
    return not folder.is_symlink() and (ours or not folder.exists())


def is_there(path: Path) -> bool:
    """Whether anything has this name, a link that leads nowhere too."""
    return path.exists() or path.is_symlink()


def prefix(file: Path) -> str:
    """Return how the name of a file begins that is written beside another; names have 255 bytes at most."""
    return f".{file.name[:BESIDE]}."


def write_atomic(file: Path, text: str) -> None:
    """Write `text` to `file` as a whole: beside it first, then renamed over it."""
    handle, temporary = tempfile.mkstemp(dir=file.parent, prefix=prefix(file))
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
        Path(temporary).chmod(0o644)  # mkstemp's 600 is for secrets; a report is read by others, too
        Path(temporary).replace(file)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


@contextmanager
def new_folder(target: Path) -> Iterator[Path]:
    """Give a fresh folder beside `target`.

    On success it becomes `target`, on any failure it goes and `target` stays as it was.
    """
    recover(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    _sweep(target)
    temporary = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}.{os.getpid()}."))
    try:
        yield temporary
        temporary.chmod(0o755)
        _swap(temporary, target)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def recover(target: Path) -> None:
    """Bring back the earlier `target` if a kill fell between the two renames of `new_folder`."""
    old = _old(target)
    if old.exists() and not target.exists():
        old.rename(target)


def _sweep(target: Path) -> None:
    # A killed process can't clean up; the name says whose the half-made folder was.
    for left in target.parent.glob(f".{target.name}.*.*"):
        pid = left.name.split(".")[-2]
        if pid.isdigit() and not _alive(int(pid)):
            shutil.rmtree(left, ignore_errors=True)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _swap(temporary: Path, target: Path) -> None:
    # A folder can't be renamed over a full one: the earlier one steps aside under a name that `recover`
    # knows.
    old = _old(target)
    shutil.rmtree(old, ignore_errors=True)
    if target.exists():
        target.rename(old)
    try:
        temporary.rename(target)
    except BaseException:
        recover(target)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _old(target: Path) -> Path:
    return target.with_name(f".{target.name}.old")
