"""Android lint's NewApi over bytecode: everything of the framework that classes refer to must be there on the oldest phone.

Two sources answer. What the android.jar of API 23 declares, with that descriptor, is old enough. For the rest the lists of
`sdk` say since when it is there; what they call as old as 21 though API 23 has it not (`List.removeLast`), and what they do not
know, is named as unknown: it is no proof of anything. Neither desugaring of libraries nor D8's backports are assumed.

Not seen: reflection (`Class.forName`, names in a manifest or in rules), what native code looks up, calls behind a check of
`SDK_INT` (they fail here too), and the insides of libraries: kotlin-stdlib, LiteRT, AndroidX and Guava answer for theirs.
"""

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tests.gradle_bundle.android import framework, sdk
from tests.gradle_bundle.android.classfile import ClassFile, Member

#: What the phone brings; all else is ours or a library's.
FRAMEWORK = ("android/", "java/", "javax/", "org/json/", "dalvik/")
#: Members that neither source has and that are right all the same, by owner and name, with the reason.
KNOWN = {
    ("java.lang.invoke.LambdaMetafactory", "metafactory"): (
        "the bootstrap of a lambda: D8 and R8 always make a class of it, whatever minSdk is (no library is involved)"
    ),
}


@dataclass(frozen=True, order=True)
class Finding:
    """A reference that an old phone may not be able to follow."""

    user: str
    what: str
    since: int | None

    def __str__(self) -> str:
        level = f"API {self.since}" if self.since else "unknown: neither API 23 nor the lists have it"
        return f"{self.user}: {self.what} ({level})"


def check(classes: Mapping[str, ClassFile], oldest: int) -> list[Finding]:
    """Return what these classes refer to of the framework and a phone of API level `oldest` has not, or may not have.

    Raises:
        UnavailableError: the android.jar or the lists can't be had.

    """
    found = set()
    for user in classes.values():
        for name in filter(_framework, user.classes):
            found.add(Finding(user.name, _dotted(name), _since_class(name)))
        for member in user.references:
            owner = _owner(member, classes)
            if owner and _framework(owner):
                at = Member(owner, member.name, member.descriptor)
                found.add(Finding(user.name, str(at), _since(at)))
    return sorted((row for row in found if row.since is None or row.since > oldest), key=str)


def _framework(name: str) -> bool:
    return name.startswith(FRAMEWORK)


def _dotted(name: str) -> str:
    return name.replace("/", ".").replace("$", ".")


def _owner(member: Member, classes: Mapping[str, ClassFile]) -> str | None:
    """Return the class in which the search for a member ends up, where one of ours inherits it: `MainActivity.getAssets`.

    None where ours declare it, or where it is an array's `clone`.
    """
    at = member.owner
    while at in classes:
        here = classes[at]
        if (member.name, member.descriptor) in here.members:
            return None
        known = [name for name in here.interfaces if _framework(name) and declares(name, member)]
        at = known[0] if known else here.parent
    return None if at.startswith("[") else at


@functools.cache
def _since_class(name: str) -> int | None:
    if framework.read(name) or any(owner == _dotted(name) for owner, _ in KNOWN):
        return framework.LEVEL
    declared = sdk.find(_dotted(name))
    return declared.since if declared and declared.since > framework.LEVEL else None


@functools.cache
def _since(member: Member) -> int | None:
    """Return the level; that of the android.jar for what it has or what is `KNOWN`, None for what no source dates."""
    owner = _dotted(member.owner)
    if declares(member.owner, member) or (owner, member.name) in KNOWN:
        return framework.LEVEL
    level = sdk.since(owner, member.name, member.descriptor)
    return level if level and level > framework.LEVEL else None


def declares(name: str, member: Member) -> bool:
    """Tell whether a class of API 23, or one that it is derived from, has the member."""
    here = framework.read(name)
    if here is None:
        return False
    if (member.name, member.descriptor) in here.members:
        return True
    return member.name != "<init>" and any(declares(parent, member) for parent in _parents(here))


def _parents(here: ClassFile) -> Iterable[str]:
    return filter(None, [here.parent, *here.interfaces])
