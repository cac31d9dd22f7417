"""Android 8 (minSdk 26) has the classes of Java 8, not those of the JVM that runs these tests: what is newer fails on old phones only.

No Android SDK is here to compile against, so Java 8's class library stands in for Android's: it knows no
`List.of` (Android 11), `InputStream.readAllBytes` (Android 13) or `List.removeLast` (Android 15). What Android lacks of Java 8 it does not tell.
"""

import pytest

from tests.gradle_bundle import built, fetch, toolchain

#: `-Xjdk-release` sets the bytecode too.
JAVA_8 = ("-Xjdk-release=8", "-language-version", "2.2", "-api-version", "2.2")


@pytest.fixture(autouse=True)
def needs_a_jdk(kotlin):
    if not (fetch.java().resolve().parents[1] / "lib" / "ct.sym").exists():
        pytest.skip("this Java is a JRE: older class libraries come with a JDK alone")


def test_the_runtime_uses_nothing_newer():
    toolchain.compile(
        [toolchain.RUNTIME, built.EDGE, built.HERE / "stubs"], toolchain.libraries(), options=JAVA_8
    )


@pytest.mark.parametrize(
    "call",
    [
        "java.util.List.of(1)",
        "java.io.ByteArrayInputStream(ByteArray(1)).readAllBytes()",
        '"a".repeat(2).strip()',
    ],
)
def test_something_newer_is_seen(tmp_path, call):
    (tmp_path / "New.kt").write_text(f"fun f(): Any = {call}\n")
    with pytest.raises(toolchain.CompileError, match="unresolved reference"):
        toolchain.compile([tmp_path / "New.kt"], options=JAVA_8)
