import os

import pytest

from tests.gradle_bundle import fetch


@pytest.fixture(scope="session")
def kotlin() -> None:
    """The compiler, a JVM and the libraries are here: for tests that use `toolchain`.

    Skips where they are not and can't be fetched; not in CI, where that would hide that nothing was checked.
    """
    try:
        fetch.kotlin_home(), fetch.java(), *map(fetch.library, fetch.LIBRARIES)
    except fetch.UnavailableError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"no Kotlin here: {error}")
