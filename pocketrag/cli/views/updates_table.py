"""Keys, deltas and channels, for people."""

from __future__ import annotations

from pocketrag.console import out, table
from pocketrag.formats.facts.channel import ChannelFacts, WayFacts
from pocketrag.formats.facts.updates import DeltaFacts, KeyFacts


def show_key(facts: KeyFacts) -> None:
    """Print the public half, and who may see which."""
    rows = [("public key", facts.public), ("id", facts.id), ("private key", facts.file)]
    table("", ("", ""), rows)
    sealed = "" if facts.encrypted else "; it has no passphrase"
    out.print(
        f"\nThe public key goes into the app. Keep the private one where nobody else reads it{sealed}.",
        markup=False,
    )


def show_delta(facts: DeltaFacts) -> None:
    """Print what it carries of each file, then sizes and signature."""
    table(
        f"{facts.name} {facts.before} -> {facts.version}{', a rollback' if facts.rollback else ''}",
        ("file", "how", "bytes", "carried"),
        [
            (row.file, row.how if row.from_ in (None, row.file) else f"{row.how} as {row.from_}",
             f"{row.bytes:,}", f"{row.carried_bytes:,}")
            for row in facts.files
        ],
    )  # fmt: skip
    rows = [
        ("model", facts.model_id),
        ("size", f"{facts.bytes:,} bytes, {facts.of_bundle:.2%} of the bundle"),
        ("by its database", f"{facts.of_database:.2%}"),
        ("signed by", facts.key or "nobody (--key): no app takes it"),
        ("proved", facts.proved),
        ("delta", facts.delta),
    ]
    out.print()
    table("", ("", ""), rows)


def show_channel(facts: ChannelFacts) -> None:
    """Print versions and deltas, then what goes to the host."""
    table(
        f"{facts.name}, serial {facts.serial}",
        ("version", "share", "bytes", "model"),
        [(row.version, f"{row.share:.0%}", f"{row.bytes:,}", row.model_id) for row in facts.versions],
    )
    out.print()
    deltas = [
        (row.from_version, row.to_version, f"{row.bytes:,}", f"{row.of_bundle:.2%}", row.file)
        for row in facts.deltas
    ]
    table("", ("from", "to", "bytes", "of the bundle", "file"), deltas)
    rows = [
        ("signed by", f"{facts.key} ({facts.signature})"),
        ("kept here", facts.kept),
        *(("no delta", f"from {version}: {why}") for version, why in facts.without.items()),
        *((("way", _way(facts.way)),) if facts.way else ()),
        ("to upload", ", then ".join(facts.upload) or "nothing: no change"),
    ]
    out.print()
    table("", ("", ""), rows)


def _way(way: WayFacts) -> str:
    if way.to_version is None:
        return f"an app with {way.from_version} has nothing newer to take"
    how = "the whole bundle" if way.files is None else ", then ".join(way.files)
    return f"from {way.from_version} to {way.to_version}: {how}, {way.bytes:,} bytes"
