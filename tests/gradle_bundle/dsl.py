"""What the plugins of gradle-bundle know, block by block, with the source of each row; and a lint of our build files against it.

No Android Gradle plugin runs here: this says that every block and property that is written exists, not that it does what is meant.
Rows of `REFERENCE` and `BUILT_IN` were read for AGP 9; those of the mirrors for AGP 8, whose public interfaces AGP 9 keeps
(developer.android.com/build/releases/agp-9-0-0-release-notes, "The android DSL classes now only implement the new public interfaces").
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pocketrag.recipe.toml import tomllib

#: AGP's own DSL interfaces, in mirrors of its source.
AGP = "msft-mirror-aosp/platform.tools.base: build-system/gradle-api/src/main/java/com/android/build/api/dsl/"
FLANK = "Flank/mirror-goog-studio-main: build-system/gradle-api/src/main/java/com/android/build/api/dsl/"
REFERENCE = "https://developer.android.com/reference/tools/gradle-api/com/android/build/api/dsl/"
BUILT_IN = "https://developer.android.com/build/migrate-to-built-in-kotlin"
PLAY = "https://developer.android.com/google/play/device-targeting"
PAD = "https://developer.android.com/guide/playcore/asset-delivery/integrate-java"
GRADLE = "https://docs.gradle.org/current/"
KOTLIN = "https://kotlinlang.org/api/kotlin-gradle-plugin/kotlin-gradle-plugin-api/org.jetbrains.kotlin.gradle.dsl/"

APP, LIBRARY, AI, ASSET = (
    "com.android.application",
    "com.android.library",
    "com.android.ai-pack",
    "com.android.asset-pack",
)
SETTINGS, ANY = "settings", "any"


@dataclass(frozen=True)
class Row:
    """The names that a plugin allows in one block ("" is the file itself)."""

    plugin: str
    block: str
    names: tuple[str, ...]
    source: str


DSL = (
    Row(ANY, "", ("plugins", "dependencies"), f"{GRADLE}userguide/plugins.html"),
    Row(ANY, "", ("buildscript",), f"{GRADLE}dsl/org.gradle.api.Project.html#org.gradle.api.Project:buildscript(groovy.lang.Closure)"),
    Row(ANY, "buildscript", ("repositories", "dependencies"), f"{GRADLE}dsl/org.gradle.api.initialization.dsl.ScriptHandler.html"),
    Row(ANY, "buildscript.repositories", ("google", "mavenCentral"), f"{GRADLE}dsl/org.gradle.api.artifacts.dsl.RepositoryHandler.html"),
    Row(ANY, "buildscript.dependencies", ("classpath",), BUILT_IN),
    Row(ANY, "plugins", ("alias", "id"), f"{GRADLE}userguide/plugins.html#sec:plugins_dsl_limitations"),
    Row(ANY, "dependencies", ("api", "implementation"), f"{GRADLE}userguide/declaring_dependencies.html"),
    Row(SETTINGS, "", ("pluginManagement", "dependencyResolutionManagement", "rootProject", "include", "project"),
        f"{GRADLE}dsl/org.gradle.api.initialization.Settings.html"),
    Row(SETTINGS, "pluginManagement", ("repositories",), f"{GRADLE}javadoc/org/gradle/plugin/management/PluginManagementSpec.html"),
    Row(SETTINGS, "pluginManagement.repositories", ("google", "mavenCentral", "gradlePluginPortal"),
        f"{GRADLE}dsl/org.gradle.api.artifacts.dsl.RepositoryHandler.html"),
    Row(SETTINGS, "dependencyResolutionManagement", ("repositoriesMode", "repositories"),
        f"{GRADLE}javadoc/org/gradle/api/initialization/resolve/DependencyResolutionManagement.html"),
    Row(SETTINGS, "dependencyResolutionManagement.repositories", ("google", "mavenCentral", "maven"),
        f"{GRADLE}dsl/org.gradle.api.artifacts.dsl.RepositoryHandler.html"),
    Row(SETTINGS, "dependencyResolutionManagement.repositories.maven", ("url",),
        f"{GRADLE}dsl/org.gradle.api.artifacts.repositories.MavenArtifactRepository.html"),
    Row(AI, "", ("aiPack",), "https://developer.android.com/google/play/on-device-ai"),
    Row(AI, "aiPack", ("packName", "dynamicDelivery", "modelDependency"), f"{AGP}AiPackExtension.kt"),
    Row(AI, "aiPack.dynamicDelivery", ("deliveryType", "instantDeliveryType"), f"{REFERENCE}DynamicDelivery"),
    Row(ASSET, "", ("assetPack",), PAD),
    Row(ASSET, "assetPack", ("packName", "dynamicDelivery"), f"{REFERENCE}AssetPackExtension"),
    Row(ASSET, "assetPack.dynamicDelivery", ("deliveryType", "instantDeliveryType"), f"{REFERENCE}DynamicDelivery"),
    *(
        row
        for plugin in (APP, LIBRARY)
        for row in (
            Row(plugin, "", ("android",), "https://developer.android.com/build"),
            Row(plugin, "android", ("namespace", "compileSdk", "defaultConfig", "androidResources", "packaging", "buildTypes", "compileOptions"),
                f"{AGP}CommonExtension.kt"),
            Row(plugin, "android.defaultConfig", ("minSdk", "ndk"), f"{AGP}BaseFlavor.kt"),
            Row(plugin, "android.defaultConfig.ndk", ("abiFilters",), f"{AGP}Ndk.kt"),
            Row(plugin, "android.androidResources", ("noCompress",), f"{FLANK}AndroidResources.kt"),
            Row(plugin, "android.packaging", ("jniLibs",), f"{AGP}CommonExtension.kt"),
            Row(plugin, "android.packaging.jniLibs", ("useLegacyPackaging",),
                "ouyangsl/android-platform-tools-base: build-system/gradle-api/src/main/java/com/android/build/api/dsl/JniLibsPackaging.kt"),
            Row(plugin, "android", ("sourceSets",), f"{AGP}CommonExtension.kt"),
            Row(plugin, "android.sourceSets", ("getByName",), f"{GRADLE}javadoc/org/gradle/api/NamedDomainObjectCollection.html"),
            Row(plugin, "android.sourceSets.getByName", ("kotlin", "res", "assets"), f"{REFERENCE}AndroidSourceSet"),
            Row(plugin, "android.buildTypes", ("release", "debug"), f"{AGP}CommonExtension.kt"),
            Row(plugin, "android.buildTypes.release", ("isMinifyEnabled", "proguardFiles"), f"{AGP}BuildType.kt"),
            Row(plugin, "android.compileOptions", ("sourceCompatibility", "targetCompatibility"), f"{AGP}CompileOptions.kt"),
            Row(plugin, "", ("kotlin",), BUILT_IN),
            Row(plugin, "kotlin", ("explicitApi", "compilerOptions"), f"{KOTLIN}-kotlin-android-extension"),
            Row(plugin, "kotlin.compilerOptions", ("jvmTarget", "allWarningsAsErrors", "freeCompilerArgs"),
                "https://kotlinlang.org/docs/gradle-compiler-options.html"),
        )
    ),
    Row(APP, "android", ("assetPacks", "bundle"), f"{REFERENCE}ApplicationExtension"),
    Row(APP, "android.defaultConfig", ("applicationId", "targetSdk", "versionCode", "versionName"), f"{AGP}ApplicationBaseFlavor.kt"),
    Row(APP, "android.bundle", ("deviceTargetingConfig", "deviceGroup"), f"{AGP}Bundle.kt"),
    Row(APP, "android.bundle.deviceGroup", ("enableSplit", "defaultGroup"), PLAY),
)  # fmt: skip
#: Kotlin's own words, and Gradle's ways to a property; a block behind them belongs to the block around it.
LANGUAGE = ("if", "for", "val", "require", "providers")


@dataclass(frozen=True)
class Found:
    """One statement: the block that it is in, its first name, and its line."""

    block: str
    name: str
    line: int


def catalog(project: Path) -> dict:
    """Return the version catalog."""
    return tomllib.loads((project / "gradle" / "libs.versions.toml").read_text("utf-8"))


def plugins_of(text: str, rows: dict) -> list[str]:
    """Return the ids of the plugins that a build file applies itself.

    Raises:
        AssertionError: it names a plugin that the catalog lacks.

    """
    known = {alias.replace("-", "."): row["id"] for alias, row in rows["plugins"].items()}
    names = re.findall(r"alias\(libs\.plugins\.([\w.]+)\)(?! apply false)", text)
    for name in re.findall(r"libs\.plugins\.([\w.]+)", text):
        assert name in known, f"libs.plugins.{name}: not in the catalog"
    return [*(known[name] for name in names), *re.findall(r'(?<!\w)id\("([\w.-]+)"\)', text)]


def lint(file: str, text: str, plugins: list[str]) -> list[str]:
    """Return what a build file says that no plugin of it knows, each with its line."""
    allowed: dict[str, set[str]] = {}
    for row in DSL:
        if row.plugin in (ANY, *plugins):
            allowed.setdefault(row.block, set()).update(row.names)
    wrong = []
    for found in statements(text):
        if found.name in LANGUAGE or found.name in allowed.get(found.block, ()):
            continue
        where = f"block `{found.block}`" if found.block else "the file"
        wrong.append(
            f"{file}:{found.line}: `{found.name}` is nothing that {', '.join(plugins) or 'Gradle'} knows in {where}"
        )
    return wrong


def statements(text: str) -> Iterator[Found]:
    """Yield a Kotlin script's statements; blocks of `if`, `let` and the like count as part of what is around them."""
    path: list[str] = []
    depth, line, start, head = 0, 1, 1, ""
    for sign in _bare(text):
        if sign in "\n;{}" and depth == 0:
            name = _name(head)
            if name:
                yield Found(".".join(part for part in path if part), name, start)
            if sign == "{":
                path.append("" if name in LANGUAGE else name)
            elif sign == "}":
                path.pop()
            head = ""
        else:
            if not head.strip():
                start = line
            head += sign
            depth += (sign == "(") - (sign == ")")
        line += sign == "\n"
    assert not path and depth == 0, "blocks or parentheses are left open"


def _name(head: str) -> str:
    """Return a statement's first name; a lambda's parameter in front of it is none."""
    found = re.match(r"[A-Za-z_]\w*", re.sub(r"^\s*\w+\s*->", "", head).strip())
    return found[0] if found else ""


def _bare(text: str) -> str:
    """Return a script without comments and without what its strings say, line for line."""
    text = re.sub(r'"(?:\\.|[^"\\\n])*"', '""', text)
    text = re.sub(r"/\*.*?\*/", lambda found: "\n" * found[0].count("\n"), text, flags=re.DOTALL)
    return re.sub(r"//[^\n]*", "", text)
