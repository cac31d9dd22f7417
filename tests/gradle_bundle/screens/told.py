"""What the sample's own Kotlin makes of an answer, run on the JVM with the texts of strings.xml."""

import functools
import json
import tempfile
from dataclasses import asdict
from pathlib import Path

from tests.gradle_bundle import built, toolchain
from tests.gradle_bundle.screens import resources

HERE = Path(__file__).parent
KOTLIN = resources.SAMPLE / "kotlin" / "dev" / "pocketrag" / "sample"
#: The files that know no views.
WORDS = ("Texts", "Told", "Advice")
#: An app needs no explicit API.
OPTIONS = tuple(option for option in toolchain.STRICT if "explicit-api" not in option)


def told(**given) -> dict:
    """Return the texts of each view by its id, and `passages`, a list of such; `Show.kt` says what can be given."""
    libraries = [built.runtime(), *toolchain.libraries()]
    done = toolchain.run(
        _jar(), "dev.pocketrag.sample.ShowKt", stdin=json.dumps({"texts": texts(), **given}).encode(), classpath=libraries,
    )  # fmt: skip
    return json.loads(done.stdout)


def of_answer(answer, cosines: dict[str, float]) -> dict:
    """Return an answer of the Python runtime, with the cosines of its passages, as the app has it: without what is None."""
    return {**_there(asdict(answer)), "hits": [_hit(hit) | _cosine(hit, cosines) for hit in answer.hits]}


def texts() -> dict:
    """Return the texts and plurals by the ids of R."""
    numbers = resources.numbers()
    return {numbers["string"][name]: text for name, text in resources.strings().items()} | {
        numbers["plurals"][name]: rows for name, rows in resources.plurals().items()
    }


@functools.cache
def _jar() -> Path:
    with tempfile.TemporaryDirectory() as folder:
        sources = [
            resources.write_r(Path(folder)),
            HERE / "Show.kt",
            *(KOTLIN / f"{name}.kt" for name in WORDS),
        ]
        return toolchain.compile(sources, [built.runtime(), *toolchain.libraries()], options=OPTIONS)


def _hit(hit) -> dict:
    row = _there(asdict(hit))
    passage = {key: row.pop(key) for key in ("n", "id", "title", "text", "source", "page") if key in row}
    return {**row, "passage": passage}


def _cosine(hit, cosines: dict[str, float]) -> dict:
    return {"cosine": cosines[hit.id]} if hit.id in cosines else {}


def _there(row: dict) -> dict:
    return {key: value for key, value in row.items() if value is not None}
