"""Random changes of a good launch. All but those of claims must make it a bad one; `judging` tells of those of claims.

A mutation is drawn from six places: the claims, their members, the token's header, the signed token, the form and the
login request. Values are drawn from what breaks parsers: other types, depth, length, odd characters, near misses.
"""

import json
import random
from base64 import urlsafe_b64encode
from collections.abc import Callable
from copy import deepcopy
from typing import Any

from tests.launch.judging import DEEP_LINKING, NEEDED, OPTIONAL, SAME
from tests.launch.platform import LTI, NRPS, Key, M, Platform

Claims = dict[str, Any]
Form = dict[str, Any]
PLATFORM = LTI + "tool_platform"

TEXTS = (
    "",
    " ",
    "\x00",
    "\ud800",
    "null",
    "true",
    "0",
    "'\"><script>",
    "\u202e",
    "../../etc/passwd",
    "${7*7}",
    "{{7*7}}",
    "%00",
    "é" * 50,
    "x" * 5000,
    "http://localhost@evil.example",
    "//evil.example",
)


def value(chance: random.Random, depth: int = 0) -> Any:
    """Anything that JSON can hold, and now and then more than that."""
    kinds: tuple[Callable[[], Any], ...] = (
        lambda: None,
        lambda: chance.choice([True, False]),
        lambda: chance.choice([0, -1, 1, 2**31, 2**63, 10**400, 1e308, float("nan"), float("inf")]),
        lambda: chance.choice(TEXTS),
        lambda: "".join(chr(chance.randrange(1, 0xD7FF)) for _ in range(chance.randrange(20))),
        lambda: chance.choice([[], ["x"], ["Account", 5], ["ltiResourceLink"], [M + "Instructor"]]),
        lambda: [value(chance, depth + 1) for _ in range(chance.randrange(4))],
        lambda: {chance.choice(TEXTS): value(chance, depth + 1) for _ in range(chance.randrange(4))},
        lambda: _nested(chance.choice([50, 900, 5000])),
    )
    return chance.choice(kinds[:6] if depth > 3 else kinds)()


def _nested(depth: int) -> Any:
    found: Any = []
    for _ in range(min(depth, 400)):
        found = [found]
    return found


def _unlike(chance: random.Random, allowed: Callable[[Any], bool]) -> Any:
    """A value that is not allowed."""
    while allowed(found := value(chance)):
        pass
    return found


CLAIMS = (*SAME, *NEEDED, *OPTIONAL, PLATFORM, DEEP_LINKING)
MEMBERS = {
    LTI + "context": ("id", "type", "title", "label"),
    LTI + "resource_link": ("id", "title"),
    LTI + "custom": ("canvas_course_id", "canvas_user_id"),
    LTI + "launch_presentation": ("locale", "return_url"),
    NRPS: ("context_memberships_url", "service_versions"),
    PLATFORM: ("product_family_code", "guid"),
    DEEP_LINKING: ("deep_link_return_url", "accept_types", "data"),
}
"""By claim: what the tool reads or might read of it."""


def good_claims(chance: random.Random, platform: Platform, nonce: str) -> Claims:
    """What a launch begins with: a student's or an instructor's, of a link or, now and then, from the LMS's editor."""
    role = chance.choice(["student", "instructor"])
    said = platform.claims(role, nonce=nonce)
    said |= {PLATFORM: {"product_family_code": "moodle", "guid": "x"}, "locale": "en", "nbf": said["iat"]}
    said |= {LTI + "custom": {"canvas_course_id": "12", "canvas_user_id": 5}}
    if chance.random() < 0.3:
        said |= {LTI + "message_type": "LtiDeepLinkingRequest"}
        address = f"{platform.url}/mod/lti/contentitem_return.php"
        said |= {
            DEEP_LINKING: {"deep_link_return_url": address, "accept_types": ["ltiResourceLink"], "data": "x"}
        }
        del said[LTI + "resource_link"]
    return said


def mutated_claims(chance: random.Random, said: Claims) -> Claims:
    """One claim or a member of one changed or gone, sometimes more of them."""
    changed = deepcopy(said)
    for _ in range(chance.choice([1, 1, 1, 2, 3])):
        name = chance.choice([own for own in MEMBERS if isinstance(changed.get(own), dict)] or CLAIMS)
        if chance.random() < 0.5:
            _change(chance, changed, chance.choice(CLAIMS))
        elif isinstance(changed.get(name), dict):
            _change(chance, changed[name], chance.choice(MEMBERS[name]))
    return changed


def _change(chance: random.Random, found: Claims, name: str) -> None:
    if chance.random() < 0.2:
        found.pop(name, None)
    else:
        found[name] = value(chance)


def mutated_token(chance: random.Random, key: Key, said: Claims) -> str:
    """A token of which the header, the signature or the form is wrong."""
    good = key.sign(said)
    head, body, signature = good.split(".")
    header = {"alg": "RS256", "kid": key.kid, "typ": "JWT"}
    ways: tuple[Callable[[], str], ...] = (
        lambda: _flipped(chance, good),
        lambda: good[: chance.randrange(len(good))],
        lambda: good + chance.choice([".", "..", "A" * 50, "\x00", "é", " "]),
        lambda: f"{_part(header | {'alg': _unlike(chance, lambda own: own == 'RS256')})}.{body}.{signature}",
        lambda: f"{_part(header | {'kid': _unlike(chance, lambda own: own == key.kid)})}.{body}.{signature}",
        lambda: f"{_part(value(chance))}.{body}.{signature}",
        lambda: f"{head}.{_part(value(chance))}.{signature}",
        lambda: f"{head}.{body}.{_part(value(chance))}",
        lambda: Key(key.kid, _other()).sign(said),
        lambda: chance.choice(TEXTS),
    )
    return chance.choice(ways)()


def mutated_form(chance: random.Random, good: Form) -> Form:
    """The platform's post with a field that is gone, doubled or another."""
    form = dict(good)
    name = chance.choice(["state", "id_token"])
    ways: tuple[Callable[[], Any], ...] = (
        lambda: form.pop(name),
        lambda: form.update({name: [form[name], form[name]]}),
        lambda: form.update({name: chance.choice(TEXTS).encode("utf-8", "replace").decode()}),
        lambda: form.update({"error": chance.choice(TEXTS).encode("utf-8", "replace").decode()}),
        lambda: form.update({"oauth_consumer_key": "x"}),
        lambda: form.update({"state": good["state"][:-1]}),
    )
    chance.choice(ways)()
    return form


def mutated_login(chance: random.Random, good: Form) -> Form:
    """A login request by nobody we know, or for a page that is not ours."""
    name = chance.choice(["iss", "login_hint", "target_link_uri", "client_id"])
    wrong = chance.choice(TEXTS[1:]).encode("utf-8", "replace").decode() if name != "login_hint" else ""
    return good | {name: chance.choice([wrong, [good[name], good[name]]])}


_others: list[Any] = []


def _other() -> Any:
    """A key that no platform has; one is enough."""
    if not _others:
        _others.append(Key("other").private)
    return _others[0]


def _flipped(chance: random.Random, token: str) -> str:
    """A letter changed so that another bit of what it stands for changes too: not the last one of a part."""
    places = [n for n, own in enumerate(token[:-1]) if own != "." and token[n + 1] != "."]
    place = chance.choice(places)
    return token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]


def _part(found: Any) -> str:
    content = json.dumps(found).encode("utf-8", "surrogatepass")
    return urlsafe_b64encode(content).rstrip(b"=").decode()
