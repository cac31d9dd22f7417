"""The git and DVC repository that releases are kept in.

Both are called as programs, with argument lists and never a shell.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from pocketrag.errors import InputError

#: Nobody is told what we do, nothing asks a question, and messages are those that we look for. DVC's news of
#: newer versions, which asks the network, is off where CI is set.
ENVIRONMENT = {"DVC_NO_ANALYTICS": "1", "CI": "1", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}


@dataclass(frozen=True)
class Repository:
    """A folder that is the root of both a git and a DVC repository."""

    root: Path

    def git(self, *arguments: str) -> str:
        """Run git in the root and return what it prints.

        Raises:
            InputError: git fails; the message is its own.

        """
        return _run(["git", *arguments], self.root, "git")

    def says(self, *arguments: str) -> bool:
        """Run a git command that answers by its exit code."""
        try:
            self.git(*arguments)
        except InputError:
            return False
        return True

    def dvc(self, *arguments: str) -> str:
        """Run DVC in the root and return what it prints.

        Raises:
            InputError: DVC fails; the message is its own.

        """
        return _run([*_dvc(), *arguments], self.root, "dvc")

    def relative(self, path: Path) -> str:
        """Return a path as the repository names it: posix, from the root.

        Raises:
            InputError: it lies outside.

        """
        # The folder's links are followed, not the file's own: DVC may have put a link there.
        whole = path.absolute().parent.resolve() / path.name
        try:
            return whole.relative_to(self.root).as_posix()
        except ValueError:
            raise InputError(
                f"{path}: lies outside the repository {self.root}; put it inside, or give another path."
            ) from None

    def git_remote(self) -> str:
        """Return the git remote to push to: `origin`, or the only one.

        Raises:
            InputError: there is none, or there are several and none is `origin`.

        """
        names = self.git("remote").split()
        if "origin" in names or len(names) == 1:
            return "origin" if "origin" in names else names[0]
        there = ", ".join(names) or "there is none"
        raise InputError(f"--push: no git remote `origin` ({there}); `git remote add origin URL` first.")

    def need_dvc_remote(self) -> None:
        """Check that DVC has a default remote.

        Raises:
            InputError: it has none.

        """
        if not self.dvc("config", "core.remote").strip():
            raise InputError(
                "--push: DVC has no default remote; `dvc remote add --default NAME URL` first, and commit it."
            )


def find_repository() -> Repository:
    """Return the repository that the current folder lies in.

    Raises:
        InputError: git or DVC is not installed, or the folder lies in no repository of one of them.

    """
    here = Path.cwd()
    try:
        root = Path(_run(["git", "rev-parse", "--show-toplevel"], here, "git").strip()).resolve()
    except InputError as error:
        raise InputError(
            f"{here}: no git repository, and releases are kept in one; `git init` first ({error})"
        ) from None
    repository = Repository(root)
    _dvc()
    if not (root / ".dvc").is_dir():
        # Not ours to do: where the cache and the remote lie is decided once, by the team.
        raise InputError(
            f"{root}: no DVC repository; `dvc init` there, `dvc remote add --default NAME "
            "URL`, and commit both."
        )
    return repository


def _dvc() -> list[str]:
    # The one beside us wins; one installed as a tool of its own does as well.
    if importlib.util.find_spec("dvc"):
        return [sys.executable, "-m", "dvc"]
    if program := shutil.which("dvc"):
        return [program]
    raise InputError("DVC is not installed: pip install 'pocketrag[versions]'.")


def _run(command: list[str], cwd: Path, name: str) -> str:
    try:
        done = subprocess.run(  # noqa: S603 - a list, not a shell's line
            command,
            cwd=cwd,
            env={**os.environ, **ENVIRONMENT},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
    except FileNotFoundError:
        raise InputError(f"{name} is not installed, or not on the PATH.") from None
    if done.returncode:
        words = command[command.index(name) + 1 :] if name in command else command[1:]
        said = "; ".join((done.stderr.strip() or done.stdout.strip()).splitlines()[-4:])
        raise InputError(
            f"`{' '.join([name, *words])[:160]}`: {said.rstrip('.') or f'exit code {done.returncode}'}."
        )
    return done.stdout
