"""Archives that are the same to the byte whenever they are written: AARs, and JARs of sources.

All is stored but classes: bytes then depend on no zlib, and the app's build compresses what it does not list
as `noCompress`.
"""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

#: The oldest time that a zip can hold, for every entry: when it was packed is nobody's business.
EPOCH = (1980, 1, 1, 0, 0, 0)
#: rw-r--r-- of a plain file, rwxr-xr-x of a folder, in the upper half as unzip reads it (APPNOTE 4.4.15); 3
#: is Unix (4.4.2).
FILE, FOLDER, UNIX = 0o100644 << 16, 0o40755 << 16, 3
#: Android 8: what the runtime is written for (gradle-bundle, every `minSdk`).
MIN_SDK = 26


def manifest(package: str) -> bytes:
    """Return an AAR's AndroidManifest.xml, which asks for no permission."""
    return f"""<?xml version="1.0" encoding="utf-8"?>
<manifest xmlns:android="http://schemas.android.com/apk/res/android"
    package="{package}">

    <uses-sdk android:minSdkVersion="{MIN_SDK}" />

</manifest>
""".encode()


def add(made: zipfile.ZipFile, name: str, content: bytes) -> None:
    """Add an entry; a folder where its name ends in a slash."""
    made.writestr(_info(name), content)


def add_deflated(made: zipfile.ZipFile, name: str, content: bytes) -> None:
    """Add a JAR whose own entries are stored: as one stream it is a third smaller than entry by entry.

    Of another implementation of zlib the bytes may differ.
    """
    made.writestr(_info(name), content, zipfile.ZIP_DEFLATED, 9)


def copy(made: zipfile.ZipFile, name: str, source: Path) -> None:
    """Add a file of any size."""
    info = _info(name)
    info.file_size = source.stat().st_size  # so that zipfile knows whether it needs the 64-bit form
    with source.open("rb") as read, made.open(info, "w") as write:
        shutil.copyfileobj(read, write, 1 << 20)


def _info(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, EPOCH)
    info.create_system = UNIX
    info.external_attr = FOLDER | 0x10 if name.endswith("/") else FILE
    return info
