import inspect
import json
import os
import subprocess
import sys
from importlib import import_module

import pytest

from pocketrag.cli.main import main, parser
from pocketrag.cli.verbs import VERBS
from tests.conftest import ROOT, cli

#: Makes an import of any of these fail, as in a venv that holds the runtime alone.
HEAVY = (
    "torch",
    "transformers",
    "sentence_transformers",
    "peft",
    "litert_torch",
    "ai_edge_quantizer",
    "datasets",
    "scipy",
    "ir_measures",
)
LIGHT = f"import sys; sys.modules.update(dict.fromkeys({HEAVY!r})); from pocketrag.cli.main import main; sys.exit(main(sys.argv[1:]))"


def light(*arguments: object) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-c", LIGHT, *map(str, arguments)], capture_output=True, text=True, timeout=300
    )


@pytest.mark.parametrize("verb", VERBS, ids=lambda v: v.name)
def test_a_verb_is_its_function(verb):
    function = getattr(import_module(verb.module), verb.function)
    assert list(inspect.signature(function).parameters) or verb.options == ()
    assert {o.keyword for o in verb.options} == set(inspect.signature(function).parameters)
    for option in verb.options:
        default = inspect.signature(function).parameters[option.keyword].default
        assert option.default == (None if default is inspect.Parameter.empty else default), option.name
    assert function.__doc__


@pytest.mark.parametrize("verb", VERBS, ids=lambda v: v.name)
def test_every_verb_has_help_that_teaches(verb, capsys):
    with pytest.raises(SystemExit) as ended:
        main([verb.name, "--help"])
    text = capsys.readouterr().out
    assert ended.value.code == 0 and verb.example in " ".join(text.split()) and "exit codes" in text
    parser().parse_args(
        [
            *[w.strip('"') for w in verb.example.split()[1:2]],
            *["x"] * sum(not o.name.startswith("-") for o in verb.options),
        ]
    )


def test_help_needs_no_torch():
    done = light("--help")
    assert done.returncode == 0 and all(verb.name in done.stdout for verb in VERBS)


def test_verify_and_search_need_no_torch(tiny_bundle):
    done = light("verify", tiny_bundle, "--json")
    assert done.returncode == 0, done.stderr
    assert {g["outcome"] for g in json.loads(done.stdout)["gates"]} == {"pass", "unchecked", "skipped"}
    found = light("search", tiny_bundle, "what moves if king 0 meets rook", "-k", "3", "--json")
    assert found.returncode == 0 and len(json.loads(found.stdout)["hits"]) == 3


@pytest.mark.parametrize(("verb", "extra"), [("tune", "train"), ("convert", "export")])
def test_a_missing_extra_is_named(verb, extra, tiny_built, tmp_path):
    done = light(
        verb,
        tiny_built / "tiny.toml",
        *(["--source", "base"] if verb == "convert" else []),
        "--work",
        tmp_path / "other",
    )
    assert done.returncode == 2 and "Traceback" not in done.stderr
    assert f"pocketrag[{extra}]" in done.stderr or "nothing to tune" in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("nonsense",),
        ("build",),
        ("search", "x"),
        ("verify", "x", "--for", "fun"),
        ("search", "x", "y", "-k", "z"),
    ],
)
def test_bad_usage_exits_2(arguments):
    done = cli(*arguments)
    assert done.returncode == 2 and "usage" in done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("verify", "/none"), "no such folder"),
        (("verify", str(ROOT)), "not a bundle"),
        (("search", "/none", "who?"), "not a bundle"),
        (("build", "none.toml"), "none.toml: No such file"),
        (("evaluate", "/none"), "needs --corpus"),
    ],
)
def test_errors_are_one_line_and_json_too(arguments, message):
    done = cli(*arguments)
    assert done.returncode == 2 and message in done.stderr and len(done.stderr.strip().splitlines()) == 1
    as_json = cli(*arguments, "--json")
    assert as_json.returncode == 2 and message in json.loads(as_json.stdout)["error"]


def test_on_windows_it_says_where_it_runs(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(sys, "platform", "win32")
    assert main(["init", str(tmp_path / "my"), "--json"]) == 2
    said = capsys.readouterr()
    assert "Linux and macOS" in said.err and "WSL" in json.loads(said.out)["error"]
    assert len(said.err.splitlines()) == 1 and not (tmp_path / "my").exists()


def test_search_as_people_see_it(tiny_bundle):
    done = cli("search", tiny_bundle, "what moves if king 0 meets rook", "-k", "2", "--mode", "bm25")
    assert done.returncode == 0 and done.stdout.count("; p0") == 2 and "page" in done.stdout
    assert cli("search", tiny_bundle, "  ").returncode == 2
    assert cli("search", tiny_bundle, "x", "-k", "0").returncode == 2


@pytest.mark.parametrize(
    "question", ['" OR 1 --', "a" * 20_000, "\udcff broken", "王将 🙂 مرحبا", "NEAR( AND"]
)
def test_any_question_is_answered(tiny_bundle, question):
    for mode in ("dense", "bm25", "hybrid"):
        done = cli(
            "search",
            tiny_bundle,
            os.fsencode(question).decode("utf-8", "surrogateescape"),
            "--mode",
            mode,
            "--json",
        )
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["mode"] == mode


def test_more_results_do_not_change_the_first(tiny_bundle):
    found = [
        json.loads(cli("search", tiny_bundle, "what falls if the queen 15 meets", "-k", k, "--json").stdout)[
            "hits"
        ]
        for k in ("5", "300")
    ]
    assert found[1][:5] == found[0]


@pytest.mark.parametrize(
    ("word", "near"), [("bild", "build"), ("verfy", "verify"), ("xyzzy", None), ("--xyzzy", None)]
)
def test_a_verb_that_is_none_names_the_nearest(word, near, capsys):
    with pytest.raises(SystemExit) as ended:
        main([word, "recipes/demo.toml"])
    said = capsys.readouterr().err
    assert ended.value.code == 2 and (f"did you mean {near}?" in said if near else "did you mean" not in said)
