"""Deltas and channels written by the format's text alone, without the code that makes them: what the phone must take, and damaged ones."""

import base64
import hashlib
import io
import json
import zipfile

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

EPOCH = (1980, 1, 1, 0, 0, 0)
KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
OTHER_KEY = Ed25519PrivateKey.from_private_bytes(b"o" * 32)


def raw(key=KEY):
    return key.public_key().public_bytes_raw()


def public(key=KEY):
    """Return the public key as an app holds it."""
    return base64.b64encode(raw(key)).decode()


def key_id(key=KEY):
    return sha256(raw(key))[:16]


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def varint(value):
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])


def zigzag(value):
    return value << 1 if value >= 0 else (-value << 1) - 1


def zero_runs(data):
    """Code differences as runs of zeros and of others."""
    out, at, end = b"", 0, len(data.rstrip(b"\0"))
    while at < end:
        start = at
        while data[at] == 0:
            at += 1
        zeros, start = at - start, at
        while at < end and data[at]:
            at += 1
        out += varint(zeros) + varint(at - start) + data[start:at]
    return out


def patch(old, new):
    """Return (control, diff, extra): what begins and what ends alike is taken from the old file, the rest is new."""
    head = next(
        (n for n, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new))
    )
    room = min(len(old), len(new)) - head
    tail = next((n for n in range(room) if old[-1 - n] != new[-1 - n]), room)
    middle = new[head : len(new) - tail]
    triples = [(head, len(middle), len(old) - tail - head), (tail, 0, 0)]
    return write_patch(triples, b"\0" * (head + tail), middle)


def write_patch(triples, differences, extra):
    control = b"".join(varint(add) + varint(copy) + varint(zigzag(seek)) for add, copy, seek in triples)
    return control, zero_runs(differences), extra


def applied(old, triples, differences, extra):
    """Return what a patch makes of a file, after BSDIFF's paper."""
    new, place, taken, copied = bytearray(), 0, 0, 0
    for add, copy, seek in triples:
        for i in range(add):
            new.append((differences[taken + i] + old[place + i]) % 256)
        taken += add
        new += extra[copied : copied + copy]
        copied += copy
        place += add + seek
    return bytes(new)


def content(bundle):
    return {path.name: path.read_bytes() for path in sorted(bundle.iterdir())}


def parts(old, new, whole=()):
    """Return the rows of `files` and the entries' bytes."""
    names = {sha256(data): name for name, data in reversed(sorted(old.items()))}
    files, entries = {}, {}
    for n, (name, data) in enumerate(sorted(new.items())):
        row = {"bytes": len(data), "sha256": sha256(data)}
        if sha256(data) in names:
            row |= {"how": "same", "from": names[sha256(data)], "from_sha256": sha256(data)}
        elif name in old and name not in whole:
            row |= {"how": "patch", "from": name, "from_sha256": sha256(old[name]), "entry": str(n)}
            for part, made in zip(("control", "diff", "extra"), patch(old[name], data), strict=True):
                entries[f"{n}.{part}"] = made
        else:
            row |= {"how": "whole", "entry": str(n)}
            entries[f"{n}.whole"] = data
        files[name] = row
    return files, entries


def side(bundle):
    manifest = json.loads((bundle / "manifest.json").read_text())
    return {"version": manifest["version"], "model_id": manifest["model_id"],
            "manifest_sha256": sha256((bundle / "manifest.json").read_bytes())}  # fmt: skip


def described(old, new, key=KEY, whole=()):
    """Return delta.json as a dict, and the entries' bytes."""
    files, entries = parts(content(old), content(new), whole)
    manifest = json.loads((new / "manifest.json").read_text())
    return {
        "kind": "pocketrag-delta", "format": 1, "name": manifest["name"], "contract": manifest["contract"],
        "key": key_id(key) if key else None, "old": side(old), "new": side(new), "files": files,
        "entries": {name: {"bytes": len(data), "sha256": sha256(data)} for name, data in entries.items()},
    }, entries  # fmt: skip


def packed(spec, entries, file, key=KEY, signature=None):
    """Write a delta of a description and its entries, signed unless `key` is None; `signature` in place of the right one."""
    text = json.dumps(spec, sort_keys=True).encode()
    rows = {"delta.json": text}
    if key:
        rows["delta.sig"] = key.sign(text) if signature is None else signature
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as made:
        for name, data in (rows | entries).items():
            made.writestr(zipfile.ZipInfo(name, EPOCH), data, zipfile.ZIP_DEFLATED)
    file.write_bytes(stream.getvalue())
    return file


def delta(old, new, file, key=KEY, whole=()):
    return packed(*described(old, new, key, whole), file, key)


def channel(versions, file, *, name="tiny", serial=1, key=KEY, **more):
    """Write channel.json."""
    payload = {
        "kind": "pocketrag-channel",
        "format": 1,
        "name": name,
        "serial": serial,
        "versions": versions,
    } | more
    text = json.dumps(payload, sort_keys=True)
    signature = base64.b64encode(key.sign(text.encode())).decode()
    file.write_text(json.dumps({"payload": text, "signature": signature, "key": key_id(key)}))
    return file
