"""A reader of Java class files (The Java Virtual Machine Specification, chapter 4): what a class declares, and what it refers to.

Names are the file's own, `java/util/Map$Entry`. What a class asks for by reflection stands in none of its references.
"""

import re
import struct
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

#: Bytes behind the tag of each kind of constant (4.4, table 4.4-A); a Utf8 has its length in front.
SIZES = {3: 4, 4: 4, 5: 8, 6: 8, 7: 2, 8: 2, 9: 4, 10: 4, 11: 4, 12: 4, 15: 3, 16: 2, 17: 4, 18: 4, 19: 2, 20: 2}  # fmt: skip
UTF8, LONG, DOUBLE, CLASS, NAME_AND_TYPE, METHOD_TYPE = 1, 5, 6, 7, 12, 16
#: A field, a method of a class, a method of an interface.
MEMBERS = (9, 10, 11)
#: Access flags (4.1-B, 4.6-A).
PUBLIC, STATIC, VARARGS, NATIVE = 0x0001, 0x0008, 0x0080, 0x0100
OBJECT = re.compile(r"L([^;]+);")


class NotAClassError(ValueError):
    """The bytes are no class file that this reader knows."""


@dataclass(frozen=True, order=True)
class Member:
    """A field or a method: its class, its name, its descriptor; a method's begins with `(`."""

    owner: str
    name: str
    descriptor: str

    def __str__(self) -> str:
        return f"{self.owner.replace('/', '.')}.{self.name}{self.descriptor}"


@dataclass
class ClassFile:
    """One class: its own members with their access flags, the classes and members that it refers to, its version (52 is Java 8)."""

    name: str
    parent: str
    interfaces: list[str]
    version: int
    members: dict[tuple[str, str], int] = field(default_factory=dict)
    classes: set[str] = field(default_factory=set)
    references: set[Member] = field(default_factory=set)


class _Reader:
    """The bytes, read one after another, and the pool of constants."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0
        magic, _, self.version = self.take(">IHH")
        if magic != 0xCAFEBABE:
            raise NotAClassError(f"begins with {data[:4]!r}")
        self.pool = self._constants()

    def take(self, layout: str) -> tuple:
        """Read by a layout of `struct`."""
        found = struct.unpack_from(layout, self.data, self.at)
        self.at += struct.calcsize(layout)
        return found

    def short(self) -> int:
        """Read two bytes."""
        return self.take(">H")[0]

    def text(self, index: int) -> str:
        """Return a Utf8, or what the name of a class or a descriptor's constant points to."""
        tag, value = self.pool[index]
        return value if tag == UTF8 else self.text(struct.unpack(">H", value)[0])

    def pair(self, index: int) -> tuple[int, int]:
        """Return the two indices that a member or a name and type holds."""
        return struct.unpack(">HH", self.pool[index][1])

    def _constants(self) -> dict[int, tuple]:
        count, index, pool = self.short(), 1, {}
        while index < count:
            (tag,) = self.take(">B")
            if tag != UTF8 and tag not in SIZES:
                raise NotAClassError(f"constant {index} is of the unknown kind {tag}")
            raw = self._bytes(self.short() if tag == UTF8 else SIZES[tag])
            # Java's UTF-8 writes zero and what lies beyond the BMP in its own way; no name here has either.
            pool[index] = (tag, raw.decode("utf-8", "replace") if tag == UTF8 else raw)
            index += 2 if tag in (LONG, DOUBLE) else 1
        return pool

    def _bytes(self, size: int) -> bytes:
        self.at += size
        return self.data[self.at - size : self.at]

    def members(self) -> Iterator[tuple[int, int, int]]:
        """Yield flags, name and descriptor of the fields or methods that follow; what code refers to stands in the pool."""
        for _ in range(self.short()):
            yield self.take(">3H")
            for _ in range(self.short()):
                _, size = self.take(">HI")
                self.at += size


def read(data: bytes) -> ClassFile:
    """Read a class file.

    Raises:
        NotAClassError: the bytes are none.

    """
    reader = _Reader(data)
    _, this, parent = reader.take(">3H")
    interfaces = [reader.text(reader.short()) for _ in range(reader.short())]
    found = ClassFile(reader.text(this), reader.text(parent) if parent else "", interfaces, reader.version)
    for _ in ("fields", "methods"):
        for flags, name, descriptor in reader.members():
            found.members[reader.text(name), reader.text(descriptor)] = flags
    _refer(reader, found)
    return found


def _refer(reader: _Reader, found: ClassFile) -> None:
    """Gather the references: of the pool, and the classes that descriptors name."""
    descriptors = [descriptor for _, descriptor in found.members]
    for index, (tag, _) in reader.pool.items():
        if tag == CLASS:
            name = reader.text(index)
            descriptors.append(name if name.startswith("[") else f"L{name};")
        elif tag == METHOD_TYPE:
            descriptors.append(reader.text(index))
        elif tag == NAME_AND_TYPE:
            descriptors.append(reader.text(reader.pair(index)[1]))
        elif tag in MEMBERS:
            owner, both = reader.pair(index)
            name, descriptor = map(reader.text, reader.pair(both))
            found.references.add(Member(reader.text(owner), name, descriptor))
    found.classes = {name for text in descriptors for name in OBJECT.findall(text)}


def jar(file: Path, prefix: str = "") -> dict[str, ClassFile]:
    """Read the classes of a jar whose names begin with `prefix`."""
    with zipfile.ZipFile(file) as archive:
        names = [name for name in archive.namelist() if name.endswith(".class") and name.startswith(prefix)]
        return {name.removesuffix(".class"): read(archive.read(name)) for name in names}


def with_methods(data: bytes, methods: list[tuple[int, str, str]]) -> bytes:
    """Return a class with methods (flags, name, descriptor) added that have no code: for a compiler to resolve, not to run."""
    reader = _Reader(data)
    pool = reader.at
    reader.take(">3H")
    reader.take(f">{reader.short()}H")
    list(reader.members())
    first = reader.at
    count = len(list(reader.members()))
    (constants,) = struct.unpack_from(">H", data, 8)
    names, rows = b"", b""
    for n, (flags, name, descriptor) in enumerate(methods):
        names += b"".join(struct.pack(">BH", UTF8, len(text)) + text.encode() for text in (name, descriptor))
        rows += struct.pack(">4H", flags, constants + 2 * n, constants + 2 * n + 1, 0)
    head = data[:8] + struct.pack(">H", constants + 2 * len(methods)) + data[10:pool] + names
    body = data[pool:first] + struct.pack(">H", count + len(methods)) + data[first + 2 : reader.at] + rows
    return head + body + data[reader.at :]
