"""The code that the guides show, taken out of them and compiled: Kotlin and Java blocks, and calls within the text."""

import re
import subprocess
from pathlib import Path

from tests.conftest import ROOT
from tests.gradle_bundle import built, fetch, toolchain

GUIDE = (ROOT / "android_assets" / "README.md").read_text("utf-8")
PROJECT = (ROOT / "gradle-bundle" / "README.md").read_text("utf-8")
AROUND = built.HERE / "guide"
#: Blocks of the app's build, not of its code: these begin with the file's name, or configure the build.
GRADLE = re.compile(r"// \w+[\w/.]*\.gradle\.kts|dependencyResolutionManagement|plugins \{")
#: Within the text: what is code by what it begins with.
CALL = re.compile(r"`((?:rag|answer|hit|Rag|Digests|RagOptions(?=\())[.(][^`]*)`")
IMPORTS = """
import android.app.Application
import androidx.lifecycle.AndroidViewModel
import androidx.lifecycle.viewModelScope
import androidx.work.CoroutineWorker
import androidx.work.WorkerParameters
import android.content.Context
import dev.pocketrag.answer.Answerer
import dev.pocketrag.answer.Tiers
import dev.pocketrag.delivery.*
import dev.pocketrag.runtime.*
import java.io.File
import java.io.IOException
import java.net.URL
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.flow.*
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext
"""
#: An app's code: a snippet may leave unused what it shows.
OPTIONS = tuple(
    option for option in toolchain.STRICT if option not in ("-Werror", "-Wextra", "-Xexplicit-api=strict")
)
JAVA = """
import android.content.Context;
import dev.pocketrag.runtime.*;
class Guide%d { static void shown(Context context) { %s } }
"""


def blocks(text: str, language: str) -> list[str]:
    """Return the blocks of a language, without those of the app's build."""
    found = re.findall(rf"^```{language}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    return [block for block in found if not GRADLE.search(block)]


def calls(text: str) -> list[str]:
    """Return the calls and properties within the text, each once."""
    return list(
        dict.fromkeys(CALL.findall(re.sub(r"^```.*?^```$", "", text, flags=re.DOTALL | re.MULTILINE)))
    )


def compile_kotlin(text: str, folder: Path) -> Path:
    """Compile all that a guide shows; classes as they are, the rest each in a function of its own.

    Raises:
        CompileError: one of them is not what the runtime has.

    """
    shown = [block if block.startswith("class ") else _function(n, block) for n, block in enumerate(blocks(text, "kotlin"))]  # fmt: skip
    shown += [_function(1000 + n, f"listOf<Any?>({call})") for n, call in enumerate(calls(text))]
    file = folder / "Guide.kt"
    file.write_text(IMPORTS + "\n".join(shown), "utf-8")
    return toolchain.compile([AROUND, file], [built.runtime(), *toolchain.libraries()], options=OPTIONS)


def compile_java(text: str, folder: Path) -> None:
    """Compile the Java blocks.

    Raises:
        AssertionError: one of them is not what the runtime has; with what javac said.

    """
    path = ":".join(map(str, [built.runtime(), toolchain.stdlib(), *toolchain.libraries()]))
    for n, block in enumerate(blocks(text, "java")):
        file = folder / f"Guide{n}.java"
        file.write_text(JAVA % (n, block), "utf-8")
        command = [fetch.javac(), "-Werror", "-Xlint:all", "--release", "17", "-cp", path, "-d", folder, file]
        done = subprocess.run(command, capture_output=True, text=True, timeout=fetch.SECONDS)
        assert done.returncode == 0, done.stderr


def _function(n: int, code: str) -> str:
    return f"suspend fun shown{n}() {{\n{code}\n}}"
