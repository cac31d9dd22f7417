import functools
import os

import pytest

from tests.gradle_bundle import fetch
from tests.gradle_bundle.android import suites


def needs(*tools) -> None:
    """Call what brings tools; skip where one is not here and can't be fetched.

    Not in CI, where that would hide that nothing was checked, unless Debian itself has it no more.
    """
    try:
        for tool in tools:
            tool()
    except fetch.UnavailableError as error:
        if os.environ.get("CI") and not isinstance(error, suites.GoneError):
            raise
        pytest.skip(f"not here: {error}")


@pytest.fixture(scope="session")
def kotlin() -> None:
    """The compiler, a JVM and the libraries are here: for tests that use `toolchain`."""
    libraries = (functools.partial(fetch.library, name) for name in fetch.LIBRARIES)
    needs(fetch.kotlin_home, fetch.java, *libraries)
