"""The README's commands on a recipe of one's own; they need no demo, so they do not wait for it."""

import pytest

from tests.readme import OWN, make_home, run


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return make_home(tmp_path_factory.mktemp("home"))


@pytest.mark.parametrize("command", OWN)
def test_command(command, home):
    run(command, home, home)
