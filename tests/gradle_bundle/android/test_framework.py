"""Runtime, adapters and sample compile without a warning against the real android.jar of API 23 (and what API 26 added to it)."""

import pytest

from tests.gradle_bundle import android_tools, built, toolchain
from tests.gradle_bundle.android import classfile, framework
from tests.gradle_bundle.conftest import needs


@pytest.fixture(scope="module", autouse=True)
def android(kotlin):
    needs(framework.android_jar, android_tools.tools)


def test_the_runtime_and_the_sample_compile():
    names = classfile.jar(framework.runtime(), "dev/pocketrag/")
    assert {"dev/pocketrag/runtime/android/BundledSqlite", "dev/pocketrag/edge/PocketragStore"} < set(names)
    activity = classfile.jar(framework.sample())["dev/pocketrag/sample/MainActivity"]
    assert activity.parent == "android/app/Activity"


def test_the_sample_that_answers_compiles_and_the_other_knows_no_language_model():
    plain, answers = (
        classfile.jar(framework.sample(beside=row)) for row in (framework.PASSAGES, framework.ANSWERS)
    )
    assert "dev/pocketrag/sample/WrittenAnswers" in answers
    added = {name for name in answers if name not in plain}
    assert {name.split("/")[-1].split("$")[0] for name in added} >= {
        "WrittenAnswers",
        "AnswerCard",
        "Said",
        "Shown",
    }
    jar = framework.sample().read_bytes()
    assert b"dev/pocketrag/answer" not in jar and b"dev/pocketrag/delivery" not in jar


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("rag.search(", "rag.find(", "find"),
        ("IME_ACTION_SEARCH", "IME_ACTION_ASK", "IME_ACTION_ASK"),
        ("setTextIsSelectable(whole)", "setTextIsSelectable(1)", "mismatch"),
    ],
)
def test_a_call_that_is_not_there_does_not_compile(tmp_path, right, wrong, said):
    for file in framework.ALWAYS.rglob("*.kt"):
        (tmp_path / file.name).write_text(file.read_text("utf-8").replace(right, wrong), "utf-8")
    with pytest.raises(toolchain.CompileError, match=said):
        framework.sample(tmp_path)


def test_nothing_of_the_jdk_is_seen(tmp_path):
    (tmp_path / "New.kt").write_text("public fun f(): Any = java.util.List.of(1)\n")
    with pytest.raises(toolchain.CompileError, match="nresolved reference"):
        toolchain.compile(
            [tmp_path / "New.kt"], framework.classpath(), options=(*toolchain.STRICT, *framework.OPTIONS)
        )


def test_the_stubs_that_the_jvm_loads_are_the_frameworks():
    """The JVM's tests can't load android.jar, whose bodies only throw: what stands in for it has the same members."""
    ours = classfile.jar(built.runtime(), "android/")
    assert "android/content/Context" in ours
    for name, stub in ours.items():
        if "$Companion" in name:
            continue
        real = framework.read(name)
        assert real, name
        members = {row for row in stub.members if row[0] not in ("Companion", "<init>", "<clinit>")}
        assert members <= set(real.members), name
