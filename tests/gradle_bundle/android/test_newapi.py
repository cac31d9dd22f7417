"""The runtime, the adapters and the sample refer to nothing that a phone with Android 8 lacks; and the check sees what is newer."""

import pytest
from pocketrag.export.android.archive import MIN_SDK
from pocketrag.export.android.runtime import LIBRARIES

from tests.gradle_bundle import runtime_jar, toolchain
from tests.gradle_bundle.android import classfile, framework, newapi, sdk
from tests.gradle_bundle.android.classfile import ClassFile, Member
from tests.gradle_bundle.conftest import needs

#: What a phone of API 26 has not, and since when the lists say it has it; None: what no source dates.
NEWER = [
    (Member("java/util/List", "of", "(Ljava/lang/Object;)Ljava/util/List;"), 30),
    (Member("java/io/InputStream", "readAllBytes", "()[B"), 33),
    (Member("java/lang/ProcessHandle", "current", "()Ljava/lang/ProcessHandle;"), None),
    # The lists call it as old as 21, as Java's own documentation does, whose 21 is another.
    (Member("java/util/List", "removeLast", "()Ljava/lang/Object;"), None),
    # What a JDK 9 or later makes of `buffer.flip()`: ByteBuffer's own came with API 34, `Buffer flip()` is old.
    (Member("java/nio/ByteBuffer", "flip", "()Ljava/nio/ByteBuffer;"), None),
    # Found in the class that it is derived from.
    (Member("java/io/FileInputStream", "readAllBytes", "()[B"), 33),
    (Member("android/content/Context", "getDisplay", "()Landroid/view/Display;"), 30),
]
OLD = [
    Member("java/nio/ByteBuffer", "flip", "()Ljava/nio/Buffer;"),
    Member("java/io/File", "toPath", "()Ljava/nio/file/Path;"),
    Member("java/util/Base64$Decoder", "decode", "(Ljava/lang/String;)[B"),
    Member("android/content/Context", "getNoBackupFilesDir", "()Ljava/io/File;"),
    Member("java/util/ArrayList", "hashCode", "()I"),
    Member("java/util/Map$Entry", "getKey", "()Ljava/lang/Object;"),
]
SOURCE = """
public fun list(): Any = java.util.List.of(1)
public fun bytes(): ByteArray = java.io.ByteArrayInputStream(ByteArray(1)).readAllBytes()
public fun process(): Long = ProcessHandle.current().pid()
public fun lambda(all: List<Int>): Any = all.sortedBy { -it }
"""


@pytest.fixture(scope="module", autouse=True)
def sources(kotlin):
    needs(framework.android_jar, sdk.folder)


def user(*members, parent="java/lang/Object", name="Planted"):
    return {name: ClassFile(name, parent, [], 52, references=set(members))}


def test_the_runtime_and_the_sample_use_nothing_newer():
    samples = (classfile.jar(framework.sample(beside=row)) for row in (framework.PASSAGES, framework.ANSWERS))
    ours = {**classfile.jar(framework.runtime(), "dev/pocketrag/"), **next(samples), **next(samples)}
    assert {"dev/pocketrag/runtime/Rag", "dev/pocketrag/sample/MainActivity"} < set(ours)
    assert [str(row) for row in newapi.check(ours, MIN_SDK)] == []
    # It does look: what came with API 26 is found where 25 is the oldest.
    assert "java.io.File.toPath()Ljava/nio/file/Path;" in {row.what for row in newapi.check(ours, 25)}


@pytest.mark.parametrize("library", LIBRARIES, ids=lambda library: library.name)
def test_what_is_shipped_uses_nothing_newer(library):
    """`classes.jar` is compiled against the JDK's own `java.*`, where a call may resolve to a newer method than Android's."""
    shipped = classfile.jar(runtime_jar.shipped(library.name))
    first = {
        "dev/pocketrag/runtime/Rag",
        "dev/pocketrag/delivery/PackDownload",
        "dev/pocketrag/answer/Answerer",
    }
    assert first & set(shipped)
    assert [str(row) for row in newapi.check(shipped, MIN_SDK)] == []


@pytest.mark.parametrize(("member", "since"), NEWER, ids=lambda value: str(value)[:40])
def test_something_newer_is_seen(member, since):
    (found,) = newapi.check(user(member), MIN_SDK)
    assert (found.what, found.since) == (str(member), since)
    assert (f"API {since}" if since else "unknown") in str(found)


@pytest.mark.parametrize("member", OLD, ids=str)
def test_what_is_old_enough_passes(member):
    assert newapi.check(user(member), MIN_SDK) == []


def test_a_member_that_a_class_of_ours_inherits_is_found():
    ours = user(Member("Planted", "getDisplay", "()Landroid/view/Display;"), parent="android/app/Activity")
    (found,) = newapi.check(ours, MIN_SDK)
    assert found.what == "android.app.Activity.getDisplay()Landroid/view/Display;"


def test_a_newer_class_is_seen_by_its_name_alone():
    ours = user()
    ours["Planted"].classes |= {"java/util/SequencedCollection", "java/util/List"}
    (found,) = newapi.check(ours, MIN_SDK)
    assert (found.what, found.since) == ("java.util.SequencedCollection", 35)


def test_the_compilers_own_bytecode_is_read(tmp_path):
    (tmp_path / "New.kt").write_text(SOURCE)
    found = newapi.check(classfile.jar(toolchain.compile([tmp_path / "New.kt"])), MIN_SDK)
    assert {row.what.partition("(")[0] for row in found} == {
        "java.util.List.of",
        "java.io.ByteArrayInputStream.readAllBytes",
        "java.lang.ProcessHandle",
        "java.lang.ProcessHandle.current",
        "java.lang.ProcessHandle.pid",
    }


def test_the_two_sources_agree():
    """What API 23 has and we use, the lists date no later: they are read as they were meant."""
    ours = classfile.jar(framework.runtime(), "dev/pocketrag/")
    used = {member for row in ours.values() for member in row.references}
    dated = {
        member: sdk.since(member.owner.replace("/", ".").replace("$", "."), member.name, member.descriptor)
        for member in used
        if newapi.declares(member.owner, member)
    }
    assert len(dated) > 100
    late = {str(member): level for member, level in dated.items() if level and level > framework.LEVEL}
    assert late == {}
