"""What the tests of `pocketrag build` share."""

from tests.conftest import cli


def build(folder, *more, **kwargs):
    return cli("build", "tiny.toml", "--out", "out/tiny", *more, cwd=folder, **kwargs)


def edit(file, old, new):
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))
