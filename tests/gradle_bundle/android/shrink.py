"""ProGuard on what is compiled here: what an app's release build does to it with R8, which reads the same rules.

ProGuard 6.2.2 reads class files of Java 11 at most, hence `OLD_CLASSES`. It says nothing about R8's own optimisations.
"""

import zipfile
from collections.abc import Sequence
from pathlib import Path

from tests.conftest import ROOT
from tests.gradle_bundle import android_tools, fetch, toolchain
from tests.gradle_bundle.android import framework

#: Options of kotlinc for class files that ProGuard and dx read.
OLD_CLASSES = ("-jvm-target", "1.8")
#: Makes classes of lambdas and plain calls of static methods of interfaces, in kotlin-stdlib too: D8 does that in every app's build.
DESUGAR = "-target 1.7"
#: What an app gets with the runtime.
CONSUMER_RULES = ROOT / "gradle-bundle" / "rag-runtime" / "consumer-rules.pro"
#: Of AGP's proguard-android-optimize.txt what bears on code like ours: the sample's build type names that file.
DEFAULT = """
-allowaccessmodification
-dontnote **
-dontusemixedcaseclassnames
-keepattributes RuntimeVisibleAnnotations,AnnotationDefault
-keepclasseswithmembernames,includedescriptorclasses class * { native <methods>; }
-keepclassmembers enum * {
    public static **[] values();
    public static ** valueOf(java.lang.String);
}
"""
#: What androidx.sqlite:sqlite-bundled brings to an app: sqlite/sqlite-bundled/src/androidMain/keepRules/rules.keep of AndroidX at 2.7.0.
SQLITE_RULES = "-keepclasseswithmembers class androidx.sqlite.driver.bundled.** { native <methods>; }"
#: kotlin-stdlib's references to what no phone has, each behind a check of its own, and Java's of API 24 to 26: test_newapi.py has those.
ELSEWHERE = "-dontwarn kotlin.**,kotlinx.**,org.jetbrains.annotations.**,java.**"


def proguard_jar() -> Path:
    """Return ProGuard's jar.

    Raises:
        UnavailableError: Debian's package can't be had.

    """
    folder = fetch._once("proguard", lambda beside: fetch._fetch_debian(beside, ("libproguard-java",)))
    (jar,) = fetch._glob(folder, "usr/share/java/proguard-[0-9]*.jar")
    return jar


def shrunk(jars: Sequence[Path], keep: str, folder: Path, *, rules: str | None = None) -> Path:
    """Shrink, optimise and obfuscate jars with kotlin-stdlib and coroutines into one, under AGP's default rules and the runtime's.

    Args:
        keep: the rules of the app itself, its entry points.
        folder: where the jar is written, and beside it `mapping.txt` (old names to new ones).
        rules: in place of the runtime's consumer rules.

    Raises:
        AssertionError: ProGuard failed, or warned of a reference that it can't follow.

    """
    made, given = folder / "shrunk.jar", folder / "rules.pro"
    lines = [f"-injars {jar}(!META-INF/**)" for jar in [*jars, toolchain.stdlib(), toolchain.coroutines()]]
    lines += [f"-libraryjars {jar}" for jar in framework.classpath()]
    lines += [f"-outjars {made}", f"-printmapping {folder / 'mapping.txt'}", DESUGAR, DEFAULT]
    lines += [SQLITE_RULES, _own_rules(toolchain.coroutines()), ELSEWHERE, keep]
    lines += [CONSUMER_RULES.read_text("utf-8") if rules is None else rules]
    given.write_text("\n".join(lines))
    # Its own start script asks for that deep a stack.
    android_tools.call(
        [fetch.java(), *toolchain.JVM, "-Xss2m", "-cp", proguard_jar(), "proguard.ProGuard", f"@{given}"]
    )
    return made


def _own_rules(jar: Path) -> str:
    """Return the consumer rules that a library's jar brings."""
    with zipfile.ZipFile(jar) as archive:
        return archive.read("META-INF/proguard/coroutines.pro").decode()
