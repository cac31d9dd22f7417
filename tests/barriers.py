"""What keeps somebody from using a page, looked for by axe-core."""

from pathlib import Path

from tests.npm import installed

SERIOUS = ("serious", "critical")
ALL = ("minor", "moderate", *SERIOUS)


def script(factory) -> str:
    """Return the source of axe-core, which is not ours: npm fetches it into a folder that is thrown away."""
    folder = installed(factory, "axe", Path(__file__).with_name("axe"))
    return (folder / "axe-core" / "axe.min.js").read_text("utf-8")


def found(visit, axe: str, impacts: tuple[str, ...] = SERIOUS) -> list[str]:
    """Return a line for each barrier in a page."""
    visit.ask(f"{axe}; 0")
    said = visit.ask("axe.run(document, {resultTypes: ['violations']}).then(said => said.violations)")
    return [f"{one['id']}: {one['nodes'][0]['html'][:120]}" for one in said if one["impact"] in impacts]
