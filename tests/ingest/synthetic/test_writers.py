"""What writes: a generator's folder, a bare file, an address, and what is none of these."""

import pytest
from pocketrag.ingest.synthetic import writers
from pocketrag.ingest.synthetic.writers import Remote, writer_of

from pocketrag.chat_endpoint import KEY
from pocketrag.errors import InputError
from tests.chat_server import Scripted as Server
from tests.chat_server import served
from tests.packs import generator_of
from tests.pocketrag.runtime.generator.scripted import Scripted, packed


def test_the_recipe_s_own_folder_is_the_default_and_says_what_it_is(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    packed(tmp_path / "android_assets" / "app.generator")
    monkeypatch.setattr(writers, "LiteRtLmEngine", lambda *_: Scripted("What ", "now?"))
    one = writer_of(None, None, "app", 1)
    assert one.name == "tiny 1.0.0" and one.write("x") == "What now?"
    assert one.engine.prompts == [[{"role": "user", "content": "x"}]]
    one.close()
    assert one.engine.closed


@pytest.mark.parametrize(
    ("generator", "model", "said"),
    [
        (None, None, r"app.generator: no such file or folder; `pocketrag pack` makes"),
        ("none.litertlm", None, "--generator none.litertlm: no such file or folder"),
        ("folder", None, "--generator folder: holds no generator.json"),
        ("text.litertlm", None, r"text.litertlm: not a .litertlm file \(it does not begin with LITERTLM\)"),
        ("text.litertlm", "m", "--model m: is for an address"),
        ("https://host/v1", None, "--model NAME"),
    ],
)
def test_what_is_none(tmp_path, monkeypatch, generator, model, said):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    (tmp_path / "text.litertlm").write_text("hello")
    with pytest.raises(InputError, match=said):
        writer_of(generator, model, "app", 1)


def test_an_address(monkeypatch):
    monkeypatch.setenv(KEY, "secret-1")
    script = Server(lambda prompt: prompt.upper())
    with served(script) as address:
        one = writer_of(address + "/", "m", "app", 3)
        assert isinstance(one, Remote) and one.name == "m" and one.write("who?") == "WHO?"
    ((path, body),) = script.asked
    assert path == "/v1/chat/completions" and body["seed"] == 3 and body["max_tokens"] == 1024
    assert one.identity["address"] == address + "/chat/completions" and "secret" not in str(one.identity)


def test_a_bare_file_is_opened_and_a_damaged_one_refused(packed_qwen, tmp_path):
    file = tmp_path / "any.litertlm"
    file.write_bytes((generator_of(packed_qwen) / "generator.litertlm").read_bytes())
    one = writer_of(str(file), None, "app", 1)
    try:
        assert one.name == "any" and isinstance(one.write("Who stops the clock?"), str)
    finally:
        one.close()
    file.write_bytes(file.read_bytes()[:4000])
    with pytest.raises(InputError, match="LiteRT-LM can't"):
        writer_of(str(file), None, "app", 1)
