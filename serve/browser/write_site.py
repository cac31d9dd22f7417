"""`serve --static`: a bundle as a folder that any static host can carry, searched in the browser."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from pocketrag.errors import InputError
from pocketrag.formats import files
from pocketrag.formats.bundle_check import checked
from pocketrag.formats.facts.serve import SiteFacts
from pocketrag.formats.manifest import MANIFEST, SUMS, Manifest

from .site_packages import FILES, copy_packages

#: Every file of the site with its size and digest; a folder that has it is ours to replace.
LISTED = "pocketrag-files.json"
BUNDLE = "bundle"
OURS = Path(__file__).with_name("site")
#: Modules that the page of `serve` has too.
SHARED = tuple(OURS.parents[1] / "page" / name for name in ("elements.js", "filters.js"))
#: What is kept for offline use before anything is asked; the rest is kept as it is loaded.
SHELL = ("index.html", "style.css", "icon.svg", "site.webmanifest", LISTED)
#: Of our own files, those that lie at the top; the others are the page's modules.
AT_TOP = ("index.html", "style.css", "icon.svg", "service-worker.js")


def write_site(bundle: Path, out: Path, packages: Path | None = None) -> SiteFacts:
    """Write a site whose page searches a bundle in the browser.

    Args:
        bundle: the folder of a bundle; its files are copied byte for byte.
        out: the folder of the site; one that was written before is replaced once the new one is whole.
        packages: a `node_modules` with the page's npm packages; by default npm installs them.

    Raises:
        InputError: it is no bundle or was changed, something else lies at `out`, one of the two lies in
            the other, or the packages can't be had.

    """
    manifest = checked(bundle)
    _claim(bundle, out)
    with files.new_folder(out) as folder:
        _copy_bundle(bundle, manifest, folder / BUNDLE)
        _copy_page(folder)
        copy_packages(folder, packages)
        (folder / "site.webmanifest").write_text(_web_manifest(manifest), "utf-8")
        version = _list(folder)
        _name_version(folder / "service-worker.js", version)
        sizes = {path: path.stat().st_size for path in folder.rglob("*") if path.is_file()}
        first = sum(
            size
            for path, size in sizes.items()
            if _is_loaded_first(path.relative_to(folder).as_posix(), manifest)
        )
    return SiteFacts(
        out=str(out),
        bundle=manifest.name,
        version=version,
        files=len(sizes),
        bytes=sum(sizes.values()),
        first_visit=first,
    )


def _claim(bundle: Path, out: Path) -> None:
    inner, outer = out.resolve(), bundle.resolve()
    if inner == outer or outer in inner.parents or inner in outer.parents:
        raise InputError(f"{out}: is the bundle, holds it or lies in it. Choose another folder.")
    if not files.is_free(out, LISTED):
        raise InputError(f"{out}: exists and is not a site of ours; it is left alone. Choose another folder.")


def _copy_bundle(bundle: Path, manifest: Manifest, to: Path) -> None:
    to.mkdir()
    sums = files.read_sums(bundle)
    for name in (*manifest.files, MANIFEST):
        shutil.copyfile(files.inside(bundle, name), to / name)
        if sums.get(name) != files.sha256(to / name):
            raise InputError(
                f"{bundle / name}: its SHA-256 is not that of {SUMS}. Run `pocketrag verify {bundle}`."
            )
    shutil.copyfile(bundle / SUMS, to / SUMS)


def _copy_page(folder: Path) -> None:
    (folder / "js").mkdir()
    for file in (*OURS.iterdir(), *SHARED):
        target = folder / file.name if file.name in AT_TOP else folder / "js" / file.name
        target.write_bytes(file.read_bytes())


def _web_manifest(manifest: Manifest) -> str:
    icon = {"src": "icon.svg", "sizes": "any", "type": "image/svg+xml", "purpose": "any"}
    return files.to_json(
        {
            "name": f"{manifest.name} {manifest.version}",
            "short_name": manifest.name[:12],
            "start_url": "./",
            "scope": "./",
            "display": "standalone",
            "background_color": "#ffffff",
            "theme_color": "#1f5f8b",
            "icons": [icon],
        }
    )


def _list(folder: Path) -> str:
    """Write the list of all files but the service worker, which names the version; return that."""
    rows = {
        name: {"bytes": (folder / name).stat().st_size, "sha256": digest}
        for name, digest in files.digests(folder).items()
        if name != "service-worker.js"
    }
    (folder / LISTED).write_text(files.to_json({"files": rows}), "utf-8")
    return files.digest_of([rows, files.sha256(folder / "service-worker.js")])[:16]


def _name_version(worker: Path, version: str) -> None:
    modules = [f"js/{path.name}" for path in sorted((worker.parent / "js").iterdir())]
    scripts = [place for place in FILES.values() if place.endswith(".js") and "compat" not in place]
    shell = ["./", *SHELL, *modules, *scripts]
    head = f"const VERSION = {json.dumps(version)};\nconst SHELL = {json.dumps(shell)};\n"
    worker.write_text(head + worker.read_text("utf-8"), "utf-8")


def _is_loaded_first(path: str, manifest: Manifest) -> bool:
    if not path.startswith(f"{BUNDLE}/"):
        return "compat" not in path
    sizes = [(manifest.files[one.file].bytes, n) for n, one in enumerate(manifest.encoders)]
    first = manifest.encoders[min(sizes)[1]]
    others = {name for one in manifest.encoders for name in (one.file, one.golden)} - {
        first.file,
        first.golden,
    }
    return path.removeprefix(f"{BUNDLE}/") not in others
