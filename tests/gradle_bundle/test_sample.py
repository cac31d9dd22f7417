"""The sample app is compiled with the real compiler, against the real runtime and stubs of what it uses of Android."""

import pytest

from tests.conftest import ROOT
from tests.gradle_bundle import toolchain

pytestmark = pytest.mark.usefixtures("kotlin")

HERE = ROOT / "tests" / "gradle_bundle"
SAMPLE = ROOT / "gradle-bundle" / "sample" / "src" / "main" / "kotlin"
#: Of the runtime's own stubs, those of libraries; the sample needs more of Android than the runtime does.
LIBRARIES = [
    HERE / "stubs" / f"{name}.kt"
    for name in ("Annotation", "Configuration", "LiteRt", "Sqlite", "SqliteBundled")
]
#: An app's code needs no explicit API.
OPTIONS = [option for option in toolchain.STRICT if "explicit-api" not in option]


def compiled(sample):
    jars = toolchain.libraries()
    runtime = toolchain.compile([toolchain.RUNTIME, *LIBRARIES, HERE / "sample_stubs"], jars)
    return toolchain.compile([sample], [*jars, runtime], options=OPTIONS)


def test_the_sample_compiles():
    assert compiled(SAMPLE).stat().st_size > 0


def test_a_call_that_the_runtime_has_not_does_not_compile(tmp_path):
    text = (SAMPLE / "dev" / "pocketrag" / "sample" / "MainActivity.kt").read_text("utf-8")
    (tmp_path / "MainActivity.kt").write_text(text.replace(".searchBlocking(asked)", ".find(asked)"), "utf-8")
    with pytest.raises(toolchain.CompileError, match="find"):
        compiled(tmp_path)
