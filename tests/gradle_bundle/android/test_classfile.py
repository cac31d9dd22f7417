"""The reader of class files, on classes whose sources stand here."""

import zipfile

import pytest

from tests.gradle_bundle import toolchain
from tests.gradle_bundle.android import classfile
from tests.gradle_bundle.android.classfile import NATIVE, PUBLIC, STATIC, Member

pytestmark = pytest.mark.usefixtures("kotlin")

SOURCE = """
package check
public open class Base(public val size: Long) : Comparable<Base>, java.io.Closeable {
    public fun first(rows: Array<java.util.BitSet>): Any = java.util.ArrayList(rows.asList())
    override fun compareTo(other: Base): Int = size.compareTo(other.size)
    override fun close(): Unit = Thread.sleep(1L shl 33)
}
public class Derived : Base(7)
"""


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    source = tmp_path_factory.mktemp("classes") / "Check.kt"
    source.write_text(SOURCE)
    return toolchain.compile([source])


def test_what_a_class_declares(file):
    classes = classfile.jar(file, "check/")
    base, derived = classes["check/Base"], classes["check/Derived"]
    assert (base.parent, base.interfaces) == (
        "java/lang/Object",
        ["java/lang/Comparable", "java/io/Closeable"],
    )
    assert derived.parent == "check/Base" and base.version == 61
    assert {("size", "J"), ("<init>", "(J)V"), ("close", "()V")} < set(base.members)
    assert base.members["close", "()V"] & PUBLIC and not base.members["close", "()V"] & STATIC


def test_what_a_class_refers_to(file):
    base = classfile.jar(file)["check/Base"]
    assert Member("java/lang/Thread", "sleep", "(J)V") in base.references
    # In a descriptor alone, behind a constant of eight bytes.
    assert {"java/util/BitSet", "java/util/ArrayList", "java/lang/Comparable"} < base.classes
    assert str(Member("a/B", "c", "()V")) == "a.B.c()V"


def test_methods_can_be_added(file):
    with zipfile.ZipFile(file) as archive:
        data = archive.read("check/Derived.class")
    more = classfile.read(classfile.with_methods(data, [(PUBLIC | NATIVE, "more", "(I)Z")]))
    plain = classfile.read(data)
    assert more.members == plain.members | {("more", "(I)Z"): PUBLIC | NATIVE}
    assert more.references == plain.references


@pytest.mark.parametrize("data", [b"PK\x03\x04" + bytes(20), b"\xca\xfe\xba\xbe\0\0\0\x34\0\x02\x63"])
def test_other_bytes_are_refused(data):
    with pytest.raises(classfile.NotAClassError):
        classfile.read(data)
