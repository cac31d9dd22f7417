"""A forked command line is, to a test, the one in a process of its own."""

import subprocess

import pytest

from tests.conftest import cli, real_cli


@pytest.mark.parametrize(
    "arguments", [("--help",), ("nonsense",), ("search", "/none", "x"), ("search", "/none", "x", "--json")]
)
def test_code_and_output_are_the_same(arguments, tmp_path):
    forked, real = (run(*arguments, cwd=tmp_path, env={"COLUMNS": "60"}) for run in (cli, real_cli))
    assert (forked.returncode, forked.stdout, forked.stderr) == (real.returncode, real.stdout, real.stderr)


def test_a_bundle_is_found_from_the_folder_asked_for(tiny_bundle):
    forked, real = (
        run("verify", tiny_bundle.name, "--json", cwd=tiny_bundle.parent) for run in (cli, real_cli)
    )
    assert forked.returncode == real.returncode == 0 and forked.stdout == real.stdout


def test_one_that_takes_too_long_is_killed(tiny_bundle):
    with pytest.raises(subprocess.TimeoutExpired):
        cli("verify", tiny_bundle, timeout=0.01)
    assert cli("--version").returncode == 0
