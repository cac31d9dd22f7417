"""The sample's resources as Android reads them: strings, colours by day and by night, styles with what they inherit, numbers of R."""

import functools
import re
from pathlib import Path
from xml.etree import ElementTree

from tests.conftest import ROOT

SAMPLE = ROOT / "gradle-bundle" / "sample" / "src" / "main"
RES = SAMPLE / "res"
ANDROID = "{http://schemas.android.com/apk/res/android}"
#: Folders of `values` by the theme, the more special one last.
VALUES = {"light": ("values",), "dark": ("values", "values-night")}
#: What no resource of ours says.
NONE = ("@null",)


def tree(name: str) -> ElementTree.Element:
    """Return a resource's XML by its name, `layout/main`, attributes without the namespace of Android."""
    root = ElementTree.parse(RES / f"{name}.xml").getroot()
    for element in root.iter():
        element.attrib = {key.removeprefix(ANDROID): value for key, value in element.attrib.items()}
    return root


def _values(folders: tuple[str, ...], tag: str) -> dict[str, ElementTree.Element]:
    files = [file for folder in folders for file in sorted((RES / folder).glob("*.xml"))]
    return {row.attrib["name"]: row for file in files for row in ElementTree.parse(file).getroot().iter(tag)}


@functools.cache
def strings() -> dict[str, str]:
    """Return the texts by their names."""
    return {name: unescaped(row.text or "") for name, row in _values(("values",), "string").items()}


@functools.cache
def plurals() -> dict[str, dict[str, str]]:
    """Return the texts of each quantity ("one", "other") by their names."""
    found = _values(("values",), "plurals")
    return {
        name: {item.attrib["quantity"]: unescaped(item.text or "") for item in row}
        for name, row in found.items()
    }


@functools.cache
def colours(theme: str) -> dict[str, str]:
    """Return the colours ("#RRGGBB") of a theme by their names."""
    return {name: row.text or "" for name, row in _values(VALUES[theme], "color").items()}


@functools.cache
def style(name: str) -> dict[str, str]:
    """Return the attributes that a style of ours gives, with those of its parents, which its name or `parent` says."""
    row = _values(("values",), "style").get(name)
    if row is None:
        return {}
    parent = row.attrib.get("parent", name.rpartition(".")[0])
    own = {item.attrib["name"].removeprefix("android:"): item.text or "" for item in row}
    return {**style(parent), **own}


def attributes(element: ElementTree.Element) -> dict[str, str]:
    """Return an element's attributes, over those of its style."""
    return {**style(element.attrib.get("style", "").removeprefix("@style/")), **element.attrib}


def unescaped(text: str) -> str:
    """Undo what aapt2 undoes in a string; ours use no other escapes."""
    return re.sub(r"\\(['\"@?])", r"\1", text)


@functools.cache
def numbers() -> dict[str, dict[str, int]]:
    """Return the ids of R by kind and name; aapt2 would choose others."""
    ids = {found for file in (RES / "layout").glob("*.xml") for found in re.findall(r"@\+id/(\w+)", file.read_text("utf-8"))}  # fmt: skip
    names = {
        "id": ids,
        "layout": {file.stem for file in (RES / "layout").glob("*.xml")},
        "string": set(strings()),
        "plurals": set(plurals()),
    }
    return {
        kind: {name: 0x7F000000 + (at << 16) + n for n, name in enumerate(sorted(found))}
        for at, (kind, found) in enumerate(names.items(), 1)
    }


def write_r(folder: Path) -> Path:
    """Write R.java, as far as the Kotlin uses it, and return it."""
    kinds = [
        f"  public static final class {kind} {{\n"
        + "".join(f"    public static final int {name} = {n};\n" for name, n in rows.items())
        + "  }\n"
        for kind, rows in numbers().items()
    ]
    file = folder / "R.java"
    file.write_text(
        "package dev.pocketrag.sample;\npublic final class R {\n" + "".join(kinds) + "}\n", "utf-8"
    )
    return file
