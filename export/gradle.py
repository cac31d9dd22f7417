"""`pocketrag gradle`: one bundle, or one for each class of phones -> a Gradle project.

It carries the bundle into an app as a Play pack, with the runtime in a Maven folder of its own.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from pocketrag.gradle_bundle import template

from pocketrag import __version__
from pocketrag.console import status
from pocketrag.errors import InputError
from pocketrag.formats import files
from pocketrag.formats.facts.android import GradleFacts
from pocketrag.formats.generator.answer_tiers import TIERS
from pocketrag.formats.identity import pack_name

from .android import runtime
from .android.assets import ASSETS, Carried, carried
from .android.compiled import Compiled, compiled
from .android.device_groups import Groups, targeting
from .android.offered import Offered, offered
from .android.tiers import GENERATOR, folders, groups, tiers

PACKS = ("ai", "asset")
DELIVERIES = ("install-time", "fast-follow", "on-demand")
#: Says that a folder is ours, with the digest of every file that was put there.
MARKER = ".pocketrag-gradle.json"
#: What Gradle and Android Studio leave in a project; nobody's work. `local.properties` (where the SDK is) is
#: kept.
LEAVINGS = (".gradle", ".idea", ".kotlin", "build", "gradlew", "gradlew.bat", "local.properties", "wrapper")
KEPT = "local.properties"
PROPERTIES, TARGETING = "gradle.properties", "sample/device_targeting_config.xml"
#: The Maven repository folder in the project, which settings.gradle.kts names.
REPOSITORY = "maven"
#: A pack's most compressed bytes on Play (developer.android.com/google/play/on-device-ai, "Considerations").
PACK_LIMIT = 1_500_000_000


@dataclass(frozen=True)
class _Load:
    """All that a project carries."""

    main: Carried
    by_group: Mapping[str, Carried]
    answers: Offered | None
    npu: Compiled | None

    @property
    def groups(self) -> Groups:
        """What Play tells phones apart by."""
        return groups(self.by_group, self.answers.tier if self.answers else None, self.npu)

    @property
    def generator_suffix(self) -> str:
        """What ends the name of the generator's folder, where its group is the only one."""
        return f"#group_{GENERATOR}" if list(self.groups) == [GENERATOR] else ""


def gradle(
    bundle: str, *, out: str, pack: str = "ai", delivery: str = "install-time", tier: list[str] | None = None
) -> GradleFacts:
    """Write a Gradle project that carries `bundle`.

    The digests are checked first, the same bundle gives the same bytes.

    Args:
        bundle: the folder of a bundle; with tiers, what phones of no other group get.
        out: the project's folder. An earlier project of ours is replaced, unless somebody worked in it.
        pack: "ai" (com.android.ai-pack) or "asset" (com.android.asset-pack).
        delivery: "install-time", "fast-follow" or "on-demand".
        tier: `GROUP=BUNDLE` each, a group being `ram8` and the like.

    Raises:
        InputError: a bundle is damaged or of another contract, a group makes no sense, its bundle is of
            another contract or of other passages than the main one, NPU files are damaged, of another bundle
            or beside tiers, or something else lies at `out`.

    """
    _among("--pack", pack, PACKS)
    _among("--delivery", delivery, DELIVERIES)
    target = Path(out)
    _claim(target)
    status("checking digests")
    main = carried(bundle)
    by_group = tiers(tier or [], main)
    load = _Load(main, by_group, offered(main), _alone(by_group, compiled(main)))
    answers = load.answers
    _fits(load)
    made = _write(target, load, _properties(load, pack, delivery))
    return GradleFacts(
        project=str(target),
        bundle=main.manifest.model_id,
        pack=f"{pack} pack {pack_name(main.manifest.name)}",
        delivery=delivery,
        tiers={group: row.manifest.model_id for group, row in by_group.items()},
        generator=f"{pack} pack {answers.pack.name}, on-demand" if answers and answers.pack else None,
        answers=answers.names if answers else (),
        npu=load.npu.socs if load.npu else (),
        runtime=str(runtime.coordinates()),
        repository=str(target / REPOSITORY),
        files=len(made),
        bytes=sum((target / name).stat().st_size for name in made),
    )


def _among(option: str, value: str, allowed: Iterable[str]) -> None:
    if value not in allowed:
        raise InputError(f"{option}: {value!r} is none of {', '.join(allowed)}.")


def _alone(by_group: Mapping[str, Carried], npu: Compiled | None) -> Compiled | None:
    if by_group and npu:
        raise InputError(
            f"--tier: {npu.folder} lies beside the bundle, and Play has a phone in one group alone, by its "
            "RAM or by its system on a chip. Leave --tier out, or move that folder away."
        )
    return npu


def _fits(load: _Load) -> None:
    sizes = {row.folder: row.bytes for row in (load.main, *load.by_group.values())}
    sizes[load.main.folder] += load.npu.largest if load.npu else 0
    if load.answers and load.answers.pack:
        sizes[load.answers.generator] = load.answers.pack.bytes
    for folder, size in sizes.items():
        if size > PACK_LIMIT:
            raise InputError(
                f"{folder}: {size} bytes, a Play pack takes {PACK_LIMIT}. Trim or quantize the model."
            )


def _claim(target: Path) -> None:
    if target.name in ("", ".."):
        raise InputError(
            f"--out: {str(target)!r} has no name of its own; name the folder that is to be made."
        )
    files.recover(target)
    if not target.exists() and not target.is_symlink():
        return
    if target.is_symlink() or not target.is_dir():
        raise InputError(f"{target}: is not a folder of ours; it is left alone. Choose another --out.")
    if not any(target.iterdir()):
        return
    if not (target / MARKER).is_file():
        raise InputError(
            f"{target}: exists and was not made by `pocketrag gradle`; it is left alone. "
            "Choose another --out."
        )
    if changed := _changed(target):
        raise InputError(
            f"{target / changed}: was changed or added since; the project is left alone. "
            "Choose another --out."
        )


def _changed(target: Path) -> str | None:
    """Return the first file that is not as it was written, leavings aside."""
    marker = files.read_json(target / MARKER)
    written = marker.get("files") if isinstance(marker, dict) else None
    if not isinstance(written, dict):
        return MARKER
    for path in sorted(target.rglob("*")):
        name = path.relative_to(target)
        if (
            any(part in LEAVINGS for part in name.parts)
            or name.as_posix() == MARKER
            or (path.is_dir() and not path.is_symlink())
        ):
            continue
        if path.is_symlink() or written.get(name.as_posix()) != files.sha256(path):
            return name.as_posix()
    return None


def _properties(load: _Load, pack: str, delivery: str) -> str:
    name = pack_name(load.main.manifest.name)
    rows = {"pocketrag.bundle": name, "pocketrag.pack": pack, "pocketrag.delivery": delivery}
    if load.answers and load.answers.pack:
        rows["pocketrag.generator"] = load.answers.pack.name
    if load.npu:
        rows["pocketrag.npu"] = ",".join(load.npu.socs)
    if load.groups:
        rows["pocketrag.tiers"] = ",".join(load.groups)
        # Without it AGP 8.10 and later ignore the targeting file
        # (developer.android.com/google/play/device-targeting).
        rows["android.experimental.enableDeviceTargetingConfigApi"] = "true"
    return "".join(f"{key}={value}\n" for key, value in rows.items())


def _write(target: Path, load: _Load, properties: str) -> dict[str, str]:
    kept = (target / KEPT).read_bytes() if (target / KEPT).is_file() else None
    with files.new_folder(target) as temporary:
        for name, path in template().items():
            _copy(path, temporary / name)
        with (temporary / PROPERTIES).open("a", encoding="utf-8", newline="\n") as stream:
            stream.write(
                f"\n# Written by pocketrag {__version__} for {load.main.manifest.model_id}.\n{properties}"
            )
        if load.groups:
            (temporary / TARGETING).write_text(targeting(load.groups), "utf-8")
        runtime.publish(temporary / REPOSITORY)
        _lay(load, _assets(temporary, pack_name(load.main.manifest.name)))
        if load.answers:
            _lay_answers(load.answers, temporary, load.generator_suffix)
        made = files.digests(temporary)
        (temporary / MARKER).write_text(files.to_json({"pocketrag": __version__, "files": made}), "utf-8")
        if kept is not None:
            (temporary / KEPT).write_bytes(kept)
    return made


def _lay(load: _Load, assets: Path) -> None:
    """Copy the bundles, and beside the main one its NPU files.

    Raises:
        InputError: a file changed while it was copied.

    """
    for folder, row in folders(load.main.manifest.name, load.main, load.by_group).items():
        for file, digest in row.files.items():
            _copy_whole(row.folder / file, assets / folder / file, digest)
    if npu := load.npu:
        for place, name in npu.laid().items():
            _copy_whole(npu.folder / name, assets / place, npu.digests[name])


def _lay_answers(answers: Offered, project: Path, suffix: str) -> None:
    """Copy the tiers into the app, which reads them before anything is downloaded, and the generator.

    Raises:
        InputError: a file changed while it was copied.

    """
    # Read once: what was held to the generator is what is written.
    tiers_file = project / "sample" / "src" / "main" / "assets" / ASSETS / (answers.offer.name + TIERS)
    tiers_file.parent.mkdir(parents=True, exist_ok=True)
    tiers_file.write_bytes(answers.data)
    if answers.pack is None:
        return
    folder = _assets(project, answers.pack.name) / (answers.pack.folder + suffix)
    for file, entry in answers.pack.files.items():
        _copy_whole(answers.generator / file, folder / file, entry.sha256)


def _assets(project: Path, pack: str) -> Path:
    return project / "rag-assets" / pack / "src" / "main" / "assets" / ASSETS


def _copy_whole(source: Path, target: Path, digest: str) -> None:
    _copy(source, target)
    if files.sha256(target) != digest:
        raise InputError(f"{source}: changed while it was copied. Run the same command again.")


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
