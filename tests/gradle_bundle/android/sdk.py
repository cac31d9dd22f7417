"""Since which API level Android has a class or a member: the TypeScript declarations of NativeScript, written from the SDK's own lists.

Every class and member of the API levels 21 to 37 is there; `@since` stands before what is newer than 21. The types are
TypeScript's: `string` for String, CharSequence and char, `number` for all of Java's numbers, `any` for Object.
"""

import functools
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.gradle_bundle import fetch

PACKAGE, VERSION = "@nativescript/types-android", "9.1.1"
#: The registry's.
SHA512 = "PGaTum9tyqyyza3QT21Z7WrRR1+nM7ITsq9EJiaShLArThJI0PD1ZuDO5IoUUvSQ+gTKU2nLiVMnFbU4s3FeeQ=="
FILE = "lib/android/android-platform-21-37-merged.d.ts"
#: What no `@since` means.
OLDEST = 21

SINCE = re.compile(r"@since (\d+)")
OPEN = re.compile(r"(?:export module )?(\w+) \{$")
CLASS = re.compile(r"export (?:abstract )?(?:class|interface) (\w+)(?:<[^{]*?>)?(.*)\{$")
METHOD = re.compile(r"(?:public |protected )(?:static )?(?:abstract )?(\w+)\((.*)\)(?:: (.*?))?;$")
FIELD = re.compile(r"(?:public |protected )(?:static )?(\w+): .*;$")
NOISE = re.compile(r"/\*.*?\*/|\| null|\?")
NAME = re.compile(r"[\w.]+")
#: Descriptors that TypeScript has words of its own for.
WORDS = {
    "Z": "boolean", "C": "string", "V": "void", **dict.fromkeys("BSIJFD", "number"),
    "Ljava/lang/String;": "string", "Ljava/lang/CharSequence;": "string",
}  # fmt: skip
DESCRIPTOR = re.compile(r"\[*(?:[ZCVBSIJFD]|L[^;]+;)")


@dataclass
class Declared:
    """A class: since when, what it is derived from, and of each member's name the (types, since) of all that bear it; a field has no types."""

    since: int
    parents: list[str]
    members: dict[str, list[tuple[list[str] | None, int]]] = field(default_factory=lambda: defaultdict(list))


def find(name: str) -> Declared | None:
    """Return a class by its dotted name, `java.util.Map.Entry`; None where no API level has it.

    Raises:
        UnavailableError: npm is not there, or reaches no registry.

    """
    return _below(name.partition(".")[0]).get(name)


@functools.cache
def _below(root: str) -> dict[str, Declared]:
    """Read the blocks of one root, `java`: that of `android` is three quarters of the file."""
    return parse("".join(block for block in _blocks() if block.startswith(f"{root} ")))


@functools.cache
def _blocks() -> list[str]:
    return (folder() / FILE).read_text("utf-8").split("declare module ")


def folder() -> Path:
    """Return the folder of the cache that holds the package.

    Raises:
        UnavailableError: npm is not there, or reaches no registry.

    """
    return fetch._once(
        f"types-android-{VERSION}",
        lambda beside: fetch.fetch_npm(beside, PACKAGE, VERSION, SHA512, [f"package/{FILE}"]),
    )


def parse(text: str) -> dict[str, Declared]:
    """Read declarations, each from behind its `declare module`: modules and classes are nested by braces, a line for each member."""
    found: dict[str, Declared] = {}
    path: list[str] = []
    since = OLDEST
    for line in _lines(text):
        if at := SINCE.search(line):
            since = int(at[1])
        if line.startswith(("/*", "*")):
            continue
        if line == "}":
            path.pop()
        elif module := OPEN.match(line):
            path.append(module[1])
        elif named := CLASS.match(line):
            path.append(named[1])
            found[".".join(path)] = Declared(since, NAME.findall(_bare(named[2])))
        else:
            _member(line, since, found.get(".".join(path)))
        since = OLDEST
    return found


def _lines(text: str) -> Iterator[str]:
    """Yield the lines but for the bodies that NativeScript wants for an interface, which repeat its members."""
    inside = False
    for line in map(str.strip, text.splitlines()):
        if inside or line.endswith("constructor(implementation: {"):
            inside = line != "});"
            continue
        if line:
            yield line


def _member(line: str, since: int, declared: Declared | None) -> None:
    if declared is None:
        return
    if method := METHOD.match(line):
        types = [part.partition(": ")[2] for part in _split(method[2])]
        declared.members[method[1]].append(([*types, method[3] or "void"], since))
    elif named := FIELD.match(line):
        declared.members[named[1]].append((None, since))


def _split(arguments: str) -> list[str]:
    """Split at the commas that stand outside of angle brackets."""
    parts, depth = [""], 0
    for letter in arguments:
        depth += (letter == "<") - (letter == ">")
        if letter == "," and not depth:
            parts.append("")
        else:
            parts[-1] += letter
    return [part.strip() for part in parts if part.strip()]


def _bare(text: str) -> str:
    """Return a type, or a list of them, without comments, null and generic arguments."""
    text = NOISE.sub("", text)
    while text != (shorter := re.sub(r"<[^<>]*>", "", text)):
        text = shorter
    return text.replace("extends ", "").replace("implements ", "").strip()


def since(owner: str, name: str, descriptor: str) -> int | None:
    """Return the level that has a member, in the class or what it is derived from; None where it is not declared.

    Where several fit, since TypeScript tells fewer types apart, the newest: a false alarm is seen, a silence is not.
    """
    declared = find(owner)
    if declared is None:
        return None
    key = "constructor" if name == "<init>" else name
    levels = [level for types, level in declared.members[key] if fits(descriptor, types)]
    if levels or name == "<init>":
        return max([*levels, declared.since]) if levels else None
    inherited = [level for parent in declared.parents if (level := since(parent, name, descriptor))]
    return max(min(inherited), declared.since) if inherited else None


def fits(descriptor: str, types: list[str] | None) -> bool:
    """Tell whether a JVM descriptor can be the one that these types (the last is the result's) were written from."""
    if types is None:
        return not descriptor.startswith("(")
    found = DESCRIPTOR.findall(descriptor)
    return descriptor.startswith("(") and len(found) == len(types) and all(map(_same, found, types))


def _same(descriptor: str, written: str) -> bool:
    if descriptor.startswith("["):
        inner = re.fullmatch(r"androidNative\.Array<(.*)>", NOISE.sub("", written).strip())
        return bool(inner) and _same(descriptor[1:], inner[1])
    bare = _bare(written)
    if descriptor in WORDS:
        return bare == WORDS[descriptor] or (descriptor[0] == "L" and bare == "any")
    # A type parameter, `E`, or what TypeScript has no word for.
    return ("." not in bare and bare not in WORDS.values()) or bare == descriptor[1:-1].replace(
        "/", "."
    ).replace("$", ".")
