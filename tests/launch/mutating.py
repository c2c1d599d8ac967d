"""Random changes of a good launch, each of which must make it a bad one.

A mutation is drawn from one of five places: the claims, the token's header, the signed token, the form and the login
request. Values are drawn from what breaks parsers: other types, depth, length, odd characters, near misses.
"""

import json
import random
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from typing import Any

from tests.launch.platform import CLIENT_ID, LTI, Key

Claims = dict[str, Any]
Form = dict[str, Any]

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
        lambda: [value(chance, depth + 1) for _ in range(chance.randrange(4))],
        lambda: {chance.choice(TEXTS): value(chance, depth + 1) for _ in range(chance.randrange(4))},
        lambda: _nested(chance.choice([50, 900, 5000])),
    )
    return chance.choice(kinds[:5] if depth > 3 else kinds)()


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


def _filled(found: Any) -> bool:
    return isinstance(found, str) and bool(found)


FORBIDDING: Mapping[str, Callable[[Any], bool]] = {
    "iss": lambda found: False,
    "aud": lambda found: found in (CLIENT_ID, [CLIENT_ID]),
    "azp": lambda found: found in (CLIENT_ID,),
    "nonce": lambda found: False,
    "sub": _filled,
    "iat": lambda found: _near(found),
    "exp": lambda found: _near(found),
    LTI + "version": lambda found: False,
    LTI + "message_type": lambda found: False,
    LTI + "target_link_uri": lambda found: False,
    LTI + "deployment_id": _filled,
    LTI + "roles": lambda found: isinstance(found, list) and all(isinstance(own, str) for own in found),
    LTI + "resource_link": lambda found: isinstance(found, dict) and bool(found.get("id")),
    LTI + "context": lambda found: isinstance(found, dict),
    LTI + "custom": lambda found: isinstance(found, dict),
    LTI + "launch_presentation": lambda found: isinstance(found, dict),
}
"""By claim: whether a value of it may pass after all."""
OPTIONAL = ("azp", LTI + "context", LTI + "custom", LTI + "launch_presentation")


def _near(found: Any) -> bool:
    """A time that could be right."""
    number = isinstance(found, int | float) and not isinstance(found, bool)
    return number and abs(found) < 2**53 and abs(found - time.time()) < 2 * 3600


def mutated_claims(chance: random.Random, said: Claims) -> Claims:
    """One claim changed or gone, sometimes more of them."""
    changed = dict(said)
    for _ in range(chance.choice([1, 1, 1, 2, 3])):
        name = chance.choice(list(FORBIDDING))
        if chance.random() < 0.2 and name not in OPTIONAL:
            changed.pop(name, None)
        else:
            changed[name] = _unlike(chance, FORBIDDING[name])
    return changed


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
