"""Names of several parts keep their order: of passages whose parts are the same, the one that is named comes first."""

from itertools import permutations

import pytest

from pocketrag.formats.data.beir import Passage, Question
from pocketrag.runtime.full_text import full_text

PARTS = list(permutations(("12", "3", "45", "7"), 3))
#: How a name is written of three parts in the passage, and in the question.
WRITTEN = {
    "article": ("{}.{}.{}", "{}.{}.{}"),
    "part number": ("AB-{}/{}.{}", "AB-{}/{}.{}"),
    "part number in small letters": ("AB-{}/{}.{}", "ab-{}/{}.{}"),
    "another hyphen": ("AB\u2011{}/{}.{}", "AB-{}/{}.{}"),
    "version": ("v{}.{}.{}", "v{}.{}.{}"),
    "version without v": ("version {}.{}.{}", "v{}.{}.{}"),
    "version with v": ("v{}.{}.{}", "version {}.{}.{}"),
    "date": ("20{}-0{}-{}", "20{}-0{}-{}"),
    "snake case": ("max_{}_of_{}_at_{}", "max_{}_of_{}_at_{}"),
    "file": ("a{}.b{}.tar.{}", "a{}.b{}.tar.{}"),
    "path": ("/etc/d{}/{}/f{}.conf", "/etc/d{}/{}/f{}.conf"),
    "IP address": ("10.{}.{}.{}", "10.{}.{}.{}"),
    "IPv6 address": ("fe80::{}:{}:{}", "fe80::{}:{}:{}"),
    "paragraph": ("§ {} ({}) ({})", "§{}({})({})"),
    "paragraph of letters": ("§ {}({})({})", "§ {} ({})({})"),
    "telephone": ("+49 {} {} {}", "+49 {} {}-{}"),
    "telephone with brackets": ("({}) {}-{}", "({}) {}-{}"),
    "length": ("{}x{},{} mm", "{}x{},{}mm"),
    "size": ("{}\u00d7{}\u00d7{}", "{}\u00d7{}\u00d7{}"),
    "e-mail": ("p{}.{}@s{}.example", "p{}.{}@s{}.example"),
    "address of a page": ("https://x{}.example/{}?d={}", "https://x{}.example/{}?d={}"),
    "full width": ("Ａ－{}．{}．{}", "A-{}.{}.{}"),
    "beside ideographs": ("型号{}.{}.{}的", "型号{}.{}.{}吗"),
    "with a mark of direction": ("\u200eA-{}.{}.\u200e{}", "A-{}.{}.{}"),
}


@pytest.mark.parametrize("name", WRITTEN)
def test_the_one_that_is_named_comes_first(name):
    there, asked = WRITTEN[name]
    texts = [f"The rule of {there.format(*parts)} and {' and '.join(parts[::-1])}." for parts in PARTS]
    passages = [Passage(f"p{n}", "", text) for n, text in enumerate(texts)]
    questions = [
        Question(p.id, f"What about {asked.format(*parts)} ?")
        for p, parts in zip(passages, PARTS, strict=True)
    ]
    run = full_text(passages, questions)
    assert [run[p.id][0][0] for p in passages] == [p.id for p in passages]


@pytest.mark.parametrize("digits", ["٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹", "०१२३४५६७८९", "০১২৩৪৫৬৭৮৯", "๐๑๒๓๔๕๖๗๘๙"])
def test_digits_of_other_scripts_are_digits(digits):
    names = [".".join(parts) for parts in PARTS]
    passages = [Passage(name, "", name.translate(str.maketrans("0123456789", digits))) for name in names]
    run = full_text(passages, [Question(name, f"article {name}") for name in names])
    assert all(run[name][0][0] == name for name in names)


def test_signs_tell_languages_apart():
    names = ["C++", "C#", "F#", "C", "Java"]
    passages = [Passage(name, "", f"How to write a loop in {name}: see {n}.") for n, name in enumerate(names)]
    passages += [Passage(f"x{n}", "", f"Other things about C, {n}.") for n in range(20)]
    run = full_text(passages, [Question(name, f"loop in {name}?") for name in names])
    assert all(run[name][0][0] == name for name in ("C++", "C#", "F#", "Java"))


def test_corpora_of_a_few_passages_answer():
    for n in range(1, 6):
        passages = [Passage(f"p{i}", "", f"the only clock of room {i}") for i in range(n)]
        assert len(full_text(passages, [Question("q", "which clock ?")])["q"]) == n
