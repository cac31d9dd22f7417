"""The contract with the app: the database's schema and the queries, the same text on both sides."""

from importlib import resources


def sql(name: str) -> str:
    """Return the text of `schema.sql` or `search.sql`."""
    return resources.files(__name__).joinpath(name).read_text("utf-8")
