"""The command line, built from the table of verbs.

A verb's module is imported only when the verb is called.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import json
import os
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from pocketrag import __version__, interrupt

from .options import Option, Verb
from .verbs import VERBS

if TYPE_CHECKING:
    from pocketrag.formats.facts.base import Facts

EXITS = (
    "exit codes: 0 all required gates pass; 1 a gate fails; 2 bad input or usage; 4 a required gate "
    "could not be checked; 130 interrupted"
)
#: Package -> the extra that brings it, where that is not the verb's.
BRINGS = {"ir_measures": "bench", "scipy": "bench", "jinja2": "bench", "litert_lm": "answers"}


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code."""
    arguments = vars(parser().parse_args(argv))
    name = arguments.pop("verb")
    verb = next(verb for verb in VERBS if verb.name == name)
    as_json = arguments.pop("json")
    interrupt.watch()
    try:
        facts = _call(verb, {option.keyword: arguments[option.keyword] for option in verb.options})
        _show(verb, facts, as_json)
    except KeyboardInterrupt:
        return _fail(
            "interrupted; finished stages are kept, run the same command again to go on.", 130, as_json
        )
    except Exception as error:
        return _explain(error, verb, as_json)
    return int(getattr(facts, "exit", None) or 0)


def parser() -> argparse.ArgumentParser:
    """Return the parser of all verbs."""
    whole = argparse.ArgumentParser(
        prog="pocketrag",
        description="A corpus goes in, a verified Android asset bundle comes out.",
        epilog=f"start with: pocketrag build recipes/demo.toml\n{EXITS}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
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
        sub.add_argument(
            "--json", action="store_true", help="print the same facts as JSON on standard output"
        )
    return whole


def _add(sub: argparse.ArgumentParser, option: Option) -> None:
    if option.flag:
        sub.add_argument(option.name, help=option.help, dest=option.keyword, action="store_true")
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
    sub.add_argument(option.name, **keywords)


def _call(verb: Verb, arguments: dict[str, Any]) -> Facts:
    # Libraries print as they please; standard output is the result's alone.
    with contextlib.redirect_stdout(sys.stderr):
        _quiet()
        function: Callable[..., Facts] = getattr(importlib.import_module(verb.module), verb.function)
        return function(**arguments)


def _quiet() -> None:
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
        extra = BRINGS.get(str(error.name)) or ("train" if verb.extra == "bench" else verb.extra)
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


def _show(verb: Verb, facts: Facts, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(json.dumps(facts.as_json(), indent=2, ensure_ascii=False, allow_nan=False) + "\n")
        return
    from .views import results

    results.show(facts)


if __name__ == "__main__":
    sys.exit(main())
