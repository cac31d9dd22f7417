"""The command line, built from the table of verbs.

A verb's module is imported only when the verb is called.
"""

from __future__ import annotations

import argparse
import contextlib
import difflib
import importlib
import json
import os
import shlex
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import shtab

from pocketrag import __version__, interrupt

from .options import EVERYWHERE, Option, Verb
from .verbs import VERBS
from .verbs.stage_verbs import STAGES

if TYPE_CHECKING:
    from pocketrag.formats.facts.base import Facts

EXITS = (
    "exit codes: 0 all required gates pass; 1 a gate fails; 2 bad input or usage; 4 a required gate "
    "could not be checked; 130 interrupted"
)
#: What an option's value is -> how shells complete it.
COMPLETES = {
    **dict.fromkeys(("FILE", "RECIPE", "DB", "CHUNKS", "LOG", "DELTA"), shtab.FILE),
    **dict.fromkeys(("DIR", "FOLDER", "BUNDLE", "OLD", "NEW", "DIR_OR_ID", "TARGET"), shtab.DIRECTORY),
}
#: Beside the stages of all recipes: what libraries said while they were made, of the last commands.
LOG = "pocketrag.log"
#: Verbs that make stages.
LOGGED = frozenset({"build", "questions", *(verb.name for verb in STAGES)})
#: On Windows `os.kill(pid, 0)`, which asks whether a process lives, is Ctrl+C to a whole console; `latency`
#: and the emulator need modules that it has not.
NOT_HERE = (
    "runs on Linux and macOS, and not on Windows: what keeps results whole there is not to be had here. "
    "Use it in WSL (Windows Subsystem for Linux) or in a container."
)
#: Package -> the extra that brings it, where that is not the verb's.
BRINGS = {"ir_measures": "bench", "scipy": "bench", "jinja2": "bench", "litert_lm": "answers"}
#: Extras that bring whatever their verbs need.
WHOLE = {"serve"}


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code."""
    words = sys.argv[1:] if argv is None else list(argv)
    if near := _nearest(words):
        parser().error(f"{words[0]}: no verb; did you mean {near}?")
    arguments = vars(parser().parse_args(words))
    verb = next(verb for verb in VERBS if verb.name == arguments["verb"])
    if arguments["quiet"] and arguments["verbose"]:
        return _fail("--quiet and --verbose: give one of both.", 2, arguments["json"])
    if sys.platform == "win32":
        return _fail(NOT_HERE, 2, arguments["json"])
    interrupt.watch()
    try:
        # Whoever calls this function has streams of its own; a command has those of its process.
        with _quiet(verb, arguments) if argv is None else contextlib.nullcontext():
            facts = _call(verb, arguments)
        _show(verb, facts, arguments)
    except KeyboardInterrupt:
        said = "interrupted; finished stages are kept, run the same command again to go on."
        return _fail(said, 130, arguments["json"])
    except Exception as error:
        return _explain(error, verb, arguments["json"])
    return int(getattr(facts, "exit", None) or 0)


def _nearest(words: Sequence[str]) -> str | None:
    """Return the verb that was meant; None where the first word is one, is like none, or is an option."""
    names = [verb.name for verb in VERBS]
    if not words or words[0] in names or words[0].startswith("-"):
        return None
    return next(iter(difflib.get_close_matches(words[0], names, 1)), None)


def parser() -> argparse.ArgumentParser:
    """Return the parser of all verbs."""
    whole = argparse.ArgumentParser(
        prog="pocketrag",
        description="A corpus goes in, a verified Android asset bundle comes out.",
        epilog=f"start with: pocketrag build recipes/demo.toml\n{EXITS}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    shtab.add_argument_to(whole, "--print-completion", help="print what completes commands in a shell")
    whole.add_argument("--version", action="version", version=f"pocketrag {__version__}")
    verbs = whole.add_subparsers(dest="verb", metavar="VERB", required=True)
    for verb in VERBS:
        sub = verbs.add_parser(
            verb.name,
            help=verb.summary,
            description=f"{verb.summary[0].upper()}{verb.summary[1:]}.",
            epilog=f"example: {verb.example}\n{EXITS}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        for option in verb.options:
            _add(sub, option)
        for option in EVERYWHERE:
            _add(sub, option)
    return whole


def _add(sub: argparse.ArgumentParser, option: Option) -> None:
    names = [name for name in (option.short, option.name) if name]
    if option.flag:
        sub.add_argument(*names, help=option.help, dest=option.keyword, action="store_true")
        return
    keywords: dict[str, Any] = {
        "help": option.help,
        "type": option.type,
        "default": option.default,
        "choices": option.choices,
    }
    if option.many:
        keywords |= {"action": "append"} if option.name.startswith("-") else {"nargs": "+"}
    if option.optional:
        keywords["nargs"] = "?"
    if option.choices is None:
        keywords["metavar"] = option.metavar
    if option.name.startswith("-"):
        keywords["dest"] = option.keyword
    added = sub.add_argument(*names, **keywords)
    if complete := COMPLETES.get(str(option.metavar)):
        # As shtab reads it.
        added.complete = complete  # type: ignore[attr-defined]


def _call(verb: Verb, arguments: dict[str, Any]) -> Facts:
    # Libraries print as they please; standard output is the result's alone.
    with contextlib.redirect_stdout(sys.stderr):
        _settle()
        function: Callable[..., Facts] = getattr(importlib.import_module(verb.module), verb.function)
        return function(**{option.keyword: arguments[option.keyword] for option in verb.options})


def _quiet(verb: Verb, arguments: dict[str, Any]) -> contextlib.AbstractContextManager[object]:
    """Keep what libraries say out of sight: in the file of `--log`, or beside the stages."""
    from pocketrag import console

    from .library_output import kept_in

    console.err.quiet = arguments["quiet"]
    if arguments["verbose"] or os.environ.get("POCKETRAG_DEBUG"):
        return contextlib.nullcontext()
    given, work = arguments["log"], arguments.get("work")
    log = Path(given) if given else Path(work, LOG) if work and verb.name in LOGGED else None
    return kept_in(log, shlex.join(["pocketrag", *sys.argv[1:]]))


def _settle() -> None:
    import warnings

    from pocketrag.console import silence

    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    if not os.environ.get("POCKETRAG_DEBUG"):
        warnings.filterwarnings("ignore")
    silence()


def _explain(error: Exception, verb: Verb, as_json: bool) -> int:
    from pocketrag.errors import PocketragError

    if os.environ.get("POCKETRAG_DEBUG"):
        raise error
    if isinstance(error, PocketragError):
        return _fail(str(error), error.exit_code, as_json)
    if isinstance(error, ModuleNotFoundError) and verb.extra:
        other = None if verb.extra in WHOLE else BRINGS.get(str(error.name))
        extra = other or ("train" if verb.extra == "bench" else verb.extra)
        return _fail(
            f"`pocketrag {verb.name}` needs {error.name!r}: pip install 'pocketrag[{extra}]'.", 2, as_json
        )
    if isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename else ""
        return _fail(
            (
                f"{where}{error.strerror or error}. Earlier results are whole; mend it and run the "
                "same command again."
            ),
            2,
            as_json,
        )
    return _fail(
        f"unexpected {type(error).__name__}: {error} (a bug: POCKETRAG_DEBUG=1 shows the traceback).",
        2,
        as_json,
    )


def _fail(message: str, code: int, as_json: bool) -> int:
    if as_json:
        sys.stdout.write(json.dumps({"error": message, "exit": code}, ensure_ascii=False) + "\n")
    sys.stderr.write(f"pocketrag: {message}\n")
    return code


def _show(verb: Verb, facts: Facts, arguments: dict[str, Any]) -> None:
    if arguments["json"]:
        sys.stdout.write(json.dumps(facts.as_json(), indent=2, ensure_ascii=False, allow_nan=False) + "\n")
        return
    from .next_command import show_next
    from .views import results

    results.show(facts)
    show_next(verb.name, facts, arguments)


if __name__ == "__main__":
    sys.exit(main())
