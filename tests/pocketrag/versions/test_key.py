"""`pocketrag key`: a private key that nobody else reads and nothing overwrites."""

import base64
import hashlib
import json
import stat

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from pocketrag.errors import InputError
from pocketrag.formats.update.signature import PASSPHRASE, is_signed, read_private, read_public
from pocketrag.versions.key import key
from tests.conftest import cli


def test_a_key_of_its_own_mode_and_id(tmp_path):
    done = cli("key", "updates.pem", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    facts, file = json.loads(done.stdout), tmp_path / "updates.pem"
    public = base64.b64decode(facts["public"])
    assert stat.S_IMODE(file.stat().st_mode) == 0o600 and len(public) == 32 and not facts["encrypted"]
    assert facts["id"] == hashlib.sha256(public).hexdigest()[:16]
    assert load_pem_private_key(file.read_bytes(), None).public_key().public_bytes_raw() == public
    assert json.loads(cli("key", "updates.pem", "--show", "--json", cwd=tmp_path).stdout) == facts
    before = file.read_bytes()
    again = cli("key", "updates.pem", cwd=tmp_path)
    assert again.returncode == 2 and "never overwritten" in again.stderr and file.read_bytes() == before
    (tmp_path / "updates.pub").write_text(facts["public"] + "\n")
    assert read_public(str(tmp_path / "updates.pub")) == read_public(facts["public"]) == public


def test_a_passphrase_of_the_environment(tmp_path, monkeypatch):
    file = tmp_path / "updates.pem"
    monkeypatch.setenv(PASSPHRASE, "two words")
    made = key(str(file))
    assert made.encrypted and b"ENCRYPTED" in file.read_bytes()
    signature = read_private(file).sign(b"text")
    public = base64.b64decode(made.public)
    assert is_signed(public, signature, b"text") and not is_signed(public, signature, b"test")
    monkeypatch.setenv(PASSPHRASE, "other words")
    with pytest.raises(InputError, match="wrong"):
        key(str(file), show=True)
    monkeypatch.delenv(PASSPHRASE)
    with pytest.raises(InputError, match=PASSPHRASE):
        key(str(file), show=True)


def test_what_is_no_key(tmp_path):
    (file := tmp_path / "k.pem").write_text(
        "-----BEGIN PRIVATE KEY-----\nnothing\n-----END PRIVATE KEY-----\n"
    )
    with pytest.raises(InputError, match="not a private key"):
        key(str(file), show=True)
    other = generate_private_key(SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(other)
    with pytest.raises(InputError, match="another kind"):
        key(str(file), show=True)
    with pytest.raises(InputError, match="no such key"):
        key(str(tmp_path / "none.pem"), show=True)
    with pytest.raises(InputError, match="no such folder"):
        key(str(tmp_path / "none" / "k.pem"))
    for text in ("", "abc", "a" * 44, "=" * 300, str(file)):
        with pytest.raises(InputError, match="not a public key"):
            read_public(text)
