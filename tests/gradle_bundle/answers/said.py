"""What the sample's own Kotlin makes of an answer's parts, run on the JVM with the texts of its strings; and its layout."""

import functools
import json
import re
import tempfile
from pathlib import Path
from xml.etree import ElementTree

from tests.conftest import ROOT
from tests.gradle_bundle import built, toolchain
from tests.gradle_bundle.screens import resources
from tests.gradle_bundle.screens.told import OPTIONS

HERE = Path(__file__).parent
ANSWERS = ROOT / "gradle-bundle" / "sample" / "src" / "answers"
KOTLIN = Path("kotlin", "dev", "pocketrag", "sample")
#: The files that know no views.
WORDS = (resources.SAMPLE / KOTLIN / "Texts.kt", ANSWERS / KOTLIN / "Shown.kt", ANSWERS / KOTLIN / "Said.kt")


@functools.cache
def strings() -> dict[str, str]:
    """Return the texts of the sample that answers by their names."""
    rows = ElementTree.parse(ANSWERS / "res" / "values" / "answers.xml").getroot().iter("string")
    return {row.attrib["name"]: resources.unescaped(row.text or "") for row in rows}


@functools.cache
def layout() -> ElementTree.Element:
    """Return the answer's card, attributes without the namespace of Android."""
    root = ElementTree.parse(ANSWERS / "res" / "layout" / "answer.xml").getroot()
    for element in root.iter():
        element.attrib = {key.removeprefix(resources.ANDROID): value for key, value in element.attrib.items()}
    return root


def code() -> str:
    """Return all Kotlin of the folder."""
    return "\n".join(file.read_text("utf-8") for file in sorted(ANSWERS.rglob("*.kt")))


def ids() -> set[str]:
    """Return the ids of the card."""
    return set(re.findall(r"@\+id/(\w+)", (ANSWERS / "res" / "layout" / "answer.xml").read_text("utf-8")))


def cards(*parts: list, **given) -> list[dict]:
    """Return what the card says at first and after each part; `Say.kt` says what can be given."""
    numbers = {name: 0x7F080000 + n for n, name in enumerate(sorted(strings()))}
    texts = {numbers[name]: text for name, text in strings().items()}
    task = {"texts": texts, "parts": list(parts), **given}
    libraries = [built.runtime(), *toolchain.libraries()]
    done = toolchain.run(
        _jar(), "dev.pocketrag.sample.SayKt", stdin=json.dumps(task).encode(), classpath=libraries
    )
    return json.loads(done.stdout)


@functools.cache
def _jar() -> Path:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "R.java"
        rows = "".join(
            f"    public static final int {name} = {0x7F080000 + n};\n"
            for n, name in enumerate(sorted(strings()))
        )
        file.write_text(
            "package dev.pocketrag.sample;\npublic final class R {\n  public static final class string {\n"
            + rows
            + "  }\n}\n",
            "utf-8",
        )
        return toolchain.compile(
            [file, HERE / "Say.kt", *WORDS], [built.runtime(), *toolchain.libraries()], options=OPTIONS
        )
