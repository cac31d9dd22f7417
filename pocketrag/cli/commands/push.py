"""`pocketrag push`: a verified bundle, its report and a model card to a repository of the hub."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory

from pocketrag.console import status
from pocketrag.errors import InputError
from pocketrag.formats import files
from pocketrag.formats.bundle_report import SUFFIX, Report, begin, read_report, report_file
from pocketrag.formats.facts.push import PushFacts
from pocketrag.formats.gate import hold_back
from pocketrag.formats.generator import beside
from pocketrag.formats.generator.answer_tiers import tiers_beside
from pocketrag.formats.manifest import MANIFEST, Manifest
from pocketrag.formats.npu import npu_beside
from pocketrag.versions.hub_repository import CARD, Found, checked_name, logged_in, look, send


def push(bundle: str, *, to: str, dry_run: bool = False, private: bool = False) -> PushFacts:
    """Send a bundle to `OWNER/NAME`, as one commit: the bundle's folder, its report beside it, a model card.

    The digests are checked, and the gates of a build are run first; nothing is sent where one fails.

    Args:
        bundle: the folder of a bundle.
        to: `OWNER/NAME` on the hub; made where it is not there.
        dry_run: send nothing and ask nobody; say what would go where.
        private: make the repository one that only its owner sees.

    Raises:
        InputError: the bundle is damaged; there is no token; the repository holds something else or
            this version with other bytes, or is public where `private` was asked for; the hub refuses.
        GateError, UncheckedError: a required gate fails or could not be checked.

    """
    repository, token = checked_name(to or ""), None if dry_run else logged_in()
    status("checking digests")
    source = import_module("pocketrag.export.android.assets").carried(bundle)
    verified = import_module("pocketrag.bench.verify").check_bundle(bundle)
    hold_back(verified, "Nothing was sent.")
    report = _report(source.folder)
    card = import_module("pocketrag.bench.gates.model_card").model_card(
        source.manifest, verified, report, repository
    )
    parts = _parts(source.folder, source.manifest, list(source.files))
    sent = None if dry_run else _sent(repository, parts, card, source.manifest, private, str(token))
    found = sent[0] if sent else Found("not asked (--dry-run)")
    sizes = {CARD: len(card.encode()), **{name: path.stat().st_size for name, path in parts.items()}}
    return PushFacts(
        repository=repository,
        state=found.state,
        dry_run=dry_run,
        private=private if found.private is None else found.private,
        bundle=source.manifest.model_id,
        standing=verified.standing,
        files=sizes,
        bytes=sum(sizes.values()),
        left_out=_left_out(source.folder),
        card=card,
        commit=sent[1] if sent else None,
        url=sent[2] if sent else None,
    )


def _report(folder: Path) -> Report:
    """Return the report beside the bundle, or what its manifest says where that is of another build."""
    fresh, file = Report.model_validate(begin(folder)), report_file(folder)
    if file.is_file() and (found := read_report(file)).manifest_sha256 == fresh.manifest_sha256:
        return found
    return fresh


def _parts(folder: Path, manifest: Manifest, names: list[str]) -> dict[str, Path]:
    """Return the path of each file in the repository, as below `android_assets/`, and here."""
    parts = {f"{manifest.name}/{name}": folder / name for name in names}
    report = report_file(folder)
    if report.is_file() and read_report(report).manifest_sha256 == files.sha256(folder / MANIFEST):
        parts[f"{manifest.name}{SUFFIX}"] = report
    return parts


def _sent(
    to: str, parts: dict[str, Path], card: str, manifest: Manifest, private: bool, token: str
) -> tuple[Found, str, str]:
    from huggingface_hub import HfApi

    api = HfApi(token=token)
    found = look(api, to, manifest, files.sha256(parts[f"{manifest.name}/{MANIFEST}"]))
    if private and found.private is False:
        raise InputError(f"--private: {to} is there and public; make it private on the hub, or name another.")
    with TemporaryDirectory() as folder:
        _lay_out(Path(folder), parts, card)
        status(f"sending {len(parts) + 1} files to {to}")
        return (found, *send(api, to, Path(folder), manifest, found, private))


def _lay_out(folder: Path, parts: dict[str, Path], card: str) -> None:
    """Make the repository's tree of links, so that nothing large is copied."""
    (folder / CARD).write_text(card, "utf-8")
    for name, path in parts.items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(path.resolve())


def _left_out(folder: Path) -> tuple[str, ...]:
    found = (npu_beside(folder), beside(folder), tiers_beside(folder))
    return tuple(path.name for path in found if files.is_there(path))
