"""The folders of a channel: what any static host carries, and beside it the bundles that stay here."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from pocketrag.errors import InputError
from pocketrag.formats import files
from pocketrag.formats.update.channel_index import INDEX, Channel, read_channel
from pocketrag.formats.update.version_order import version_order

from .whole_bundle import WholeBundle, whole_bundle

#: Beside `DIR`, with its name: nothing of it is to be uploaded.
KEPT = ".bundles"
#: In that folder.
LOCK = ".lock"


class ChannelFolder:
    """A channel on disk."""

    def __init__(self, folder: str) -> None:
        """Take the folder, which need not be there yet."""
        self.folder = Path(folder)
        self.kept = files.beside(self.folder, KEPT)
        self.index = self.folder / INDEX

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Let no other command change the channel meanwhile.

        Raises:
            InputError: another one does.

        """
        self.kept.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self.kept / LOCK)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            raise InputError(
                f"{self.folder}: another command changes this channel. Try again later."
            ) from None
        try:
            yield
        finally:
            lock.release()

    def read(self, public: bytes | None) -> Channel | None:
        """Return the channel that the owner of `public` signed (None: not checked); None where there is none.

        Raises:
            InputError: its index is damaged or of another key, or other files lie in its folder and no index.

        """
        if files.is_there(self.index):
            return read_channel(self.index, public)
        if self.folder.exists() and (not self.folder.is_dir() or any(self.folder.iterdir())):
            raise InputError(
                f"{self.folder}: exists and has no {INDEX}; it is left alone. Name a new folder."
            )
        return None

    def check_files(self, channel: Channel) -> None:
        """Check that every delta of the index is in the folder, as it was written.

        Raises:
            InputError: names the first that is not.

        """
        for version in channel.versions:
            for delta in version.deltas:
                path = files.inside(self.folder, delta.file)
                if not path.is_file() or files.sha256(path) != delta.sha256:
                    raise InputError(f"{path}: missing, or not the file that {INDEX} names. Bring it back.")

    def earlier(self, channel: Channel, keep: int) -> tuple[list[WholeBundle], dict[str, str]]:
        """Return the bundles of the last `keep` versions, newest first, and why others of them are not there.

        Raises:
            InputError: one that is there is damaged, or not the one of the index.

        """
        found, lacking = [], {}
        for version in reversed(channel.versions[-keep:]):
            folder = files.inside(self.kept, version.version)
            if not folder.exists():
                lacking[version.version] = f"{folder} is not there"
                continue
            bundle = whole_bundle(folder)
            if bundle.side.manifest_sha256 != version.manifest_sha256:
                raise InputError(f"{folder}: not the bundle of {INDEX}. Move it away.")
            found.append(bundle)
        return found, lacking

    def keep(self, bundle: WholeBundle) -> None:
        """Copy a bundle to where further deltas are made from it."""
        with files.new_folder(self.kept / bundle.manifest.version) as fresh:
            for name in bundle.files:
                shutil.copyfile(bundle.folder / name, fresh / name)

    def forget(self, keep: int) -> None:
        """Remove all but the newest `keep` bundles."""
        there = [path for path in self.kept.iterdir() if path.is_dir() and not path.name.startswith(".")]
        for path in sorted(there, key=lambda path: version_order(path.name))[:-keep]:
            shutil.rmtree(path)
