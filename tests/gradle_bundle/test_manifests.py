"""What an app may do once it has the runtime: the manifests of all that comes along, merged."""

import re

import pytest

from tests.conftest import ROOT
from tests.gradle_bundle import dsl
from tests.gradle_bundle.manifests import DOWNLOADS, KNOWN, LITERT_2_2, SAMPLE, MergeError, merged, ours

BARE = "<manifest/>"
ALL = [*ours(), *(row.xml() for row in KNOWN)]


def test_the_sample_has_no_permission_left():
    assert merged(SAMPLE, ALL) == set()
    assert "INTERNET" not in SAMPLE


def test_an_app_that_removes_none_gets_those_of_litert():
    assert merged(BARE, ALL) == set(DOWNLOADS)


def test_our_own_archives_bring_none():
    assert merged(BARE, ours()) == set()


def test_an_apps_own_permissions_stay():
    own = SAMPLE.replace(
        "<application", '<uses-permission android:name="android.permission.CAMERA"/><application', 1
    )
    assert merged(own, ALL) == {"android.permission.CAMERA"}


@pytest.mark.parametrize("page", ["android_assets/README.md", "gradle-bundle/README.md"])
def test_the_pages_name_each_of_them(page):
    text = (ROOT / page).read_text("utf-8")
    assert all(name.removeprefix("android.permission.") in text for name in DOWNLOADS)


def test_the_guide_removes_just_these():
    guide = (ROOT / "android_assets" / "README.md").read_text("utf-8")
    lines = re.findall(r'<uses-permission android:name="([\w.]+)" tools:node="remove" />', guide)
    assert tuple(lines) == DOWNLOADS


def test_litert_2_2_ends_a_build_of_agp_9():
    with pytest.raises(MergeError, match=r"'com\.google\.ai\.edge\.litert' is used in multiple"):
        merged(SAMPLE, [*ours(), *(row.xml() for row in LITERT_2_2)])


def test_an_older_android_ends_it_too():
    with pytest.raises(MergeError, match=r"minSdkVersion 25 is smaller than 26 of dev\.pocketrag\.runtime"):
        merged(SAMPLE, ALL, min_sdk=25)


def test_the_table_is_of_the_versions_that_are_taken():
    versions = dsl.catalog(ROOT / "gradle-bundle")["versions"]
    for row in KNOWN:
        taken = versions["litert" if "litert" in row.artifact else "sqlite"]
        assert taken.startswith(f"{row.version}."), row.artifact
        assert row.source
