"""The Android manifests of all that an app gets with the runtime, each with its source, and the few rules by which AGP merges them.

No merger of AGP's runs here. The rules: developer.android.com/build/manage-manifests ("Merge priorities", "Merge conflict heuristics", "Node
markers"), and for namespaces the check that AGP 9 made an error (google-ai-edge/LiteRT issue 8474 quotes it).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree import ElementTree

from pocketrag.export.android import archive

from tests.conftest import ROOT

ANDROID, TOOLS = "{http://schemas.android.com/apk/res/android}", "{http://schemas.android.com/tools}"
#: The sample's own, from which the package is missing: AGP takes it from `namespace`.
SAMPLE = (ROOT / "gradle-bundle" / "sample" / "src" / "main" / "AndroidManifest.xml").read_text("utf-8")
SAMPLES_PACKAGE = "dev.pocketrag.sample"
#: What LiteRT's API asks for, to keep Play's download of a model alive.
DOWNLOADS = ("android.permission.FOREGROUND_SERVICE", "android.permission.FOREGROUND_SERVICE_DATA_SYNC")


class MergeError(AssertionError):
    """The merger would end the build."""


@dataclass(frozen=True)
class Known:
    """A library's manifest, as far as the rules go; `min_sdk` 0 where its source does not say."""

    artifact: str
    version: str
    namespace: str
    min_sdk: int
    permissions: tuple[str, ...]
    source: str

    def xml(self) -> str:
        """Return it as a manifest."""
        rows = "".join(f'<uses-permission android:name="{name}"/>' for name in self.permissions)
        return (
            f'<manifest xmlns:android="{ANDROID[1:-1]}" package="{self.namespace}">'
            f'<uses-sdk android:minSdkVersion="{self.min_sdk}"/>{rows}</manifest>'
        )


LITERT = "google-ai-edge/LiteRT: litert/kotlin/src/main/"
#: What comes along, by the version of the catalog. LiteRT's were read where 2.3 was made, weeks before 2.3.0 was tagged; of its AARs the
#: minSdk is confirmed (skills.sh/android/skills/litert-runtime: "as declared by the LiteRT 2.3.0 AARs").
KNOWN = (
    Known("litert-api", "2.3", "com.google.ai.edge.litert", 24, DOWNLOADS, f"{LITERT}AndroidManifest.xml at f677457 (2026-08-21)"),
    Known("litert", "2.3", "com.google.ai.edge.litert.impl", 24, (), f"{LITERT}AndroidManifestImpl.xml at f677457 (2026-08-21)"),
    Known("sqlite", "2.7", "androidx.sqlite", 0, (), "androidx/androidx: sqlite/sqlite holds no manifest, AGP writes one of `namespace`"),
    Known("sqlite-bundled", "2.7", "androidx.sqlite.driver.bundled", 0, (),
          "androidx/androidx: sqlite/sqlite-bundled/build.gradle at 04dc4f1 has the namespace; it holds no manifest"),
)  # fmt: skip
#: As they were in 2.2.0: one namespace, so that no app of AGP 9 could merge them.
LITERT_2_2 = tuple(
    Known(artifact, "2.2.0", "com.google.ai.edge.litert", 23, DOWNLOADS, f"{LITERT}AndroidManifest.xml at v2.2.0")
    for artifact in ("litert-api", "litert")
)  # fmt: skip
#: Kotlin's standard library and coroutines are JARs, and have no manifest.


def ours() -> list[str]:
    """Return the manifests of our own two archives."""
    return [archive.manifest(f"dev.pocketrag.{name}").decode() for name in ("runtime", "rag_assets_demo")]


def merged(app: str, libraries: Sequence[str], min_sdk: int = archive.MIN_SDK) -> set[str]:
    """Return the permissions that an app has with these libraries.

    Args:
        app: its manifest, which may mark permissions with `tools:node="remove"`; no other marker is known here.
        libraries: manifests of a lower priority.
        min_sdk: the app's, which its build file says.

    Raises:
        MergeError: a library needs a newer Android, or two have one namespace.

    """
    trees = [ElementTree.fromstring(text) for text in libraries]
    names = [tree.attrib["package"] for tree in trees]
    if twice := {name for name in names if names.count(name) > 1}:
        raise MergeError(f"Namespace {twice.pop()!r} is used in multiple modules and/or libraries")
    for tree in trees:
        needed = int(tree.find("uses-sdk").attrib[f"{ANDROID}minSdkVersion"])
        if needed > min_sdk:
            raise MergeError(f"minSdkVersion {min_sdk} is smaller than {needed} of {tree.attrib['package']}")
    own = {row.attrib[f"{ANDROID}name"]: row for row in ElementTree.fromstring(app).iter("uses-permission")}
    markers = {name: row.attrib.get(f"{TOOLS}node") for name, row in own.items()}
    assert set(markers.values()) <= {None, "remove"}, "a marker that this merger does not know"
    theirs = {row.attrib[f"{ANDROID}name"] for tree in trees for row in tree.iter("uses-permission")}
    removed = {name for name, marker in markers.items() if marker}
    return (theirs | own.keys()) - removed


def linkable(app: str, package: str) -> str:
    """Return an app's manifest as AGP hands it to aapt2: with package, version and whole class names, and without what `tools:` removes."""
    for prefix, uri in (("android", ANDROID), ("tools", TOOLS)):
        ElementTree.register_namespace(prefix, uri[1:-1])
    root = ElementTree.fromstring(app)
    root.set("package", package)
    root.set(f"{ANDROID}versionCode", "1")
    for parent in list(root.iter()):
        for row in [row for row in parent if row.get(f"{TOOLS}node") == "remove"]:
            parent.remove(row)
    for row in root.iter("activity"):
        name = row.attrib[f"{ANDROID}name"]
        row.set(f"{ANDROID}name", package + name if name.startswith(".") else name)
    return ElementTree.tostring(root, encoding="unicode")
