"""The consumer rules: a shrunk, optimised and obfuscated runtime answers as before, and holds of LiteRT what native code looks up."""

import re
from pathlib import Path

import pytest

import pocketrag
from tests.gradle_bundle import built, jvm, models, tokenizing, toolchain
from tests.gradle_bundle.android import classfile, framework, shrink
from tests.gradle_bundle.conftest import needs
from tests.gradle_bundle.test_search import everything
from tests.gradle_bundle.test_tokenizer import REAL
from tests.gradle_bundle.texts import all_texts

MAIN = "-keep class dev.pocketrag.harness.MainKt { public static void main(); public static void main(java.lang.String[]); }"
TOKENIZE = f"-keep class {tokenizing.MAIN} {{ public static void main(java.lang.String[]); }}"
ACTIVITY = "-keep class dev.pocketrag.sample.MainActivity { <init>(); }"
LITERT = "com/google/ai/edge/litert/"
#: What an app that asks for a tensor's type needs of LiteRT besides: the names and members are LiteRT's own.
ASKS = """
package com.google.ai.edge.litert
public class TensorType(public val elementType: ElementType, public val layout: Layout?) {
    public enum class ElementType { INT, FLOAT }
    public class Layout(public val dimensions: IntArray, public val strides: IntArray) {
        public constructor(dimensions: IntArray) : this(dimensions, IntArray(0))
    }
}
public class CompiledModel {
    public fun type(name: String): TensorType = nativeGetInputTensorType(1, name, "")
    public companion object {
        @JvmStatic private external fun nativeGetInputTensorType(handle: Long, name: String, signature: String): TensorType
    }
}
"""


@pytest.fixture(scope="module", autouse=True)
def tools(kotlin):
    needs(framework.android_jar, shrink.proguard_jar)


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """The runtime with the harness, shrunk."""
    runtime = framework.runtime(shrink.OLD_CLASSES)
    harness = built.harness(runtime, shrink.OLD_CLASSES)
    return shrink.shrunk([harness, runtime], MAIN, tmp_path_factory.mktemp("small"))


def tasks(folder):
    requests = everything(folder)
    with pocketrag.open(folder) as rag:
        vectors = jvm.vectors(rag, [row["question"] for row in requests])
    return [("search", {"folders": [folder], "requests": requests, **vectors})]


def test_the_shrunk_runtime_answers_the_same_bytes(small, tiny_bundle):
    asked = tasks(tiny_bundle)
    whole = jvm.written(asked, [built.harness(), built.runtime()])
    assert len(whole) > 10_000 and jvm.written(asked, [small]) == whole


def test_it_answers_the_same_bytes_on_the_demo(small, demo):
    asked = tasks(demo[0])
    assert jvm.written(asked, [small]) == jvm.written(asked, [built.harness(), built.runtime()])


def test_it_answers_the_same_bytes_on_a_gemma(small, gemma_built):
    asked = tasks(gemma_built[0] / "work" / "tiny" / "bundle" / "tiny")
    assert jvm.written(asked, [small]) == jvm.written(asked, [built.harness(), built.runtime()])


@pytest.mark.real
def test_it_gives_the_same_ids_with_the_real_embeddinggemma(tmp_path):
    """What differs from a small one is the tokenizer; the model itself is LiteRT's to run."""
    runtime = framework.runtime(shrink.OLD_CLASSES)
    options = (*built.friend(runtime), *shrink.OLD_CLASSES)
    verbs = toolchain.compile([tokenizing.SOURCES / "Tokenize.kt"], [runtime], options=options)
    jar = shrink.shrunk([verbs, runtime], TOKENIZE, tmp_path)
    place, texts = (Path(REAL).expanduser(), models.GEMMA), tokenizing.packed(all_texts())
    words, libraries = ["tokenize", tokenizing.argument(place)], toolchain.libraries()
    found = toolchain.run(jar, tokenizing.MAIN, words, texts, classpath=libraries, memory="1g").stdout
    assert len(found) > 1_000_000 and found == tokenizing.ask("tokenize", [place], texts, memory="1g").stdout


def test_it_is_small_and_its_names_are_gone(small):
    classes = classfile.jar(small)
    assert "dev/pocketrag/harness/MainKt" in classes and "dev/pocketrag/runtime/Rag" not in classes
    mapping = (small.parent / "mapping.txt").read_text()
    assert re.search(
        r"^dev\.pocketrag\.runtime\.Rag -> (?!dev\.pocketrag\.runtime\.Rag:)", mapping, re.MULTILINE
    )


def test_of_litert_the_names_that_native_code_looks_up_stay(tmp_path):
    jars = [framework.sample(options=shrink.OLD_CLASSES), framework.runtime(shrink.OLD_CLASSES)]
    whole = {name for name in classfile.jar(jars[1], LITERT) if "$Companion" not in name}
    shrunk = classfile.jar(shrink.shrunk(jars, ACTIVITY, tmp_path), LITERT)
    kept = {name.removeprefix(LITERT) for name in whole & set(shrunk)}
    assert kept == {"CompiledModel", "Environment", "TensorBuffer", "LiteRtException"}
    assert ("<init>", "(ILjava/lang/String;)V") in shrunk[f"{LITERT}LiteRtException"].members
    natives = {row for name in kept for row in _natives(shrunk[LITERT + name])}
    called = {row for name in kept for row in _natives(classfile.jar(jars[1])[LITERT + name])}
    assert natives and natives <= called
    # All of LiteRT kept is more: names, and bytes.
    (tmp_path / "all").mkdir()
    everything = shrink.shrunk(
        jars, ACTIVITY, tmp_path / "all", rules=f"-keep class {LITERT.replace('/', '.')}** {{ *; }}"
    )
    assert len(kept) < len(whole & set(classfile.jar(everything, LITERT)))
    assert (tmp_path / "shrunk.jar").stat().st_size < everything.stat().st_size
    # Without the rules the exception goes by another name, and native code would not find it.
    bare = classfile.jar(shrink.shrunk(jars, ACTIVITY, tmp_path, rules=""), LITERT)
    assert f"{LITERT}LiteRtException" not in bare


def test_an_app_that_asks_for_a_tensors_type_keeps_what_the_answer_is_made_of(tmp_path):
    file = tmp_path / "Asks.kt"
    file.write_text(ASKS)
    (tmp_path / "App.kt").write_text(
        'public fun main() { println(com.google.ai.edge.litert.CompiledModel().type("a").layout) }\n'
    )
    options = (*toolchain.STRICT, *framework.OPTIONS, *shrink.OLD_CLASSES)
    jar = toolchain.compile([file, tmp_path / "App.kt"], framework.classpath(), options=options)
    keep = "-keep class AppKt { public static void main(); }\n-dontwarn com.google.ai.edge.litert.**"
    found = classfile.jar(shrink.shrunk([jar], keep, tmp_path), LITERT)
    assert ("<init>", "([I)V") in found[f"{LITERT}TensorType$Layout"].members
    assert ("<init>", "([I[I)V") in found[f"{LITERT}TensorType$Layout"].members
    assert ("INT", f"L{LITERT}TensorType$ElementType;") in found[f"{LITERT}TensorType$ElementType"].members
    made = f"(L{LITERT}TensorType$ElementType;L{LITERT}TensorType$Layout;)V"
    assert ("<init>", made) in found[f"{LITERT}TensorType"].members


def _natives(row):
    return {member for member, flags in row.members.items() if flags & classfile.NATIVE}
