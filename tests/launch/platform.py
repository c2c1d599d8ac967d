"""A small LTI 1.3 platform on loopback: keys, token endpoint, roster; shaped as Moodle's answers."""

import json
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from functools import cache
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from flask import Flask, Response, jsonify, request
from jwcrypto.jwk import JWK
from werkzeug.serving import make_server

from lti_tool.launch.institutions import Decision
from lti_tool.launch.registrations import PlatformFacts

DECIDED = Decision(
    "individual",
    "the test",
    "to see it",
    office="tester",
    assessment="DPIA 1",
    memo="AI memo 1",
    ages="adults",
)
LTI = "https://purl.imsglobal.org/spec/lti/claim/"
NRPS = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"
M = "http://purl.imsglobal.org/vocab/lis/v2/membership#"
ROLES = {"instructor": [M + "Instructor"], "student": [M + "Learner"], "administrator": [M + "Instructor"]}
CLIENT_ID = "undertone-client"
TARGET = "http://localhost/lti/launch"
DEPLOYMENT = "1"
CONTAINER = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"


def new_private_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@cache
def usual_private_key() -> rsa.RSAPrivateKey:
    """One for the whole run: making a key takes longer than most tests."""
    return new_private_key()


class Key:
    """An RSA key of a platform, published under `kid`."""

    def __init__(self, kid: str, private: rsa.RSAPrivateKey | None = None) -> None:
        self.kid = kid
        self.private = private or new_private_key()

    def public_jwk(self) -> dict[str, Any]:
        pem = self.private.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return JWK.from_pem(pem).export_public(as_dict=True) | {"kid": self.kid, "alg": "RS256", "use": "sig"}

    def sign(self, claims: dict[str, Any], **header: Any) -> str:
        return jwt.encode(claims, self.private, algorithm="RS256", headers={"kid": self.kid} | header)


@dataclass
class Platform:
    """What the platform knows and what it was asked; tests change it freely."""

    url: str
    key: Key = field(default_factory=lambda: Key("platform-1", usual_private_key()))
    jwks: list[dict[str, Any]] = field(default_factory=list)
    members: list[dict[str, Any]] = field(default_factory=list)
    page_size: int = 100
    status: dict[str, int] = field(default_factory=dict)
    """Path → status to answer with instead."""
    seconds: dict[str, float] = field(default_factory=dict)
    """Path → how long to wait before answering."""
    asked: list[tuple[str, str]] = field(default_factory=list)
    assertions: list[dict[str, Any]] = field(default_factory=list)
    token_seconds: int = 3600
    drop_scopes: bool = False
    bodies: dict[str, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.jwks = self.jwks or [self.key.public_jwk()]

    def claims(
        self, role: str = "student", sub: str = "5", course: str = "2", **changes: Any
    ) -> dict[str, Any]:
        """The claims of a good resource launch in a course; `changes` replace whole claims."""
        now, title = int(time.time()), f"Ecology {course}"
        return {
            "iss": self.url,
            "aud": CLIENT_ID,
            "sub": sub,
            "iat": now,
            "exp": now + 60,
            LTI + "version": "1.3.0",
            LTI + "message_type": "LtiResourceLinkRequest",
            LTI + "deployment_id": DEPLOYMENT,
            LTI + "target_link_uri": TARGET,
            LTI + "roles": ROLES.get(role, [role]),
            LTI + "context": {
                "id": course,
                "label": "ECO",
                "title": title,
                "type": ["CourseSection"],
            },
            LTI + "resource_link": {"id": "7", "title": "Undertone"},
            LTI + "launch_presentation": {
                "locale": "en",
                "return_url": f"{self.url}/course/view.php?id={course}",
            },
            NRPS: {"context_memberships_url": f"{self.url}/roster/{course}", "service_versions": ["2.0"]},
        } | changes

    def counts(self, path: str) -> int:
        return sum(asked == path for _method, asked in self.asked)

    def facts(self) -> dict[str, str]:
        """What an operator registers."""
        return asdict(facts_of(self.url))


def facts_of(url: str, client_id: str = CLIENT_ID) -> PlatformFacts:
    """Of a platform at `url` whose paths are the short ones of this module."""
    return PlatformFacts(url, client_id, f"{url}/auth", f"{url}/token", f"{url}/keys")


@contextmanager
def running_platform() -> Iterator[Platform]:
    """Serve a platform on a free port of loopback until the block ends."""
    application = Flask("platform")
    server = make_server("127.0.0.1", 0, application, threaded=True)
    platform = Platform(f"http://localhost:{server.server_port}")
    _route(application, platform)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield platform
    finally:
        server.shutdown()
        thread.join()


def _route(application: Flask, platform: Platform) -> None:
    @application.before_request
    def note() -> Response | None:
        platform.asked.append((request.method, request.path))
        time.sleep(platform.seconds.get(request.path, 0))
        if request.path in platform.bodies:
            return Response(platform.bodies[request.path], content_type="application/json")
        status = platform.status.get(request.path)
        return Response("<h1>Error</h1>", status=status) if status else None

    @application.get("/keys")
    def keys() -> Response:
        return jsonify({"keys": platform.jwks})

    @application.post("/token")
    def token() -> Response:
        """Moodle's: a JSON body sent as text/html."""
        assertion = request.form["client_assertion"]
        said = jwt.decode(assertion, options={"verify_signature": False})
        platform.assertions.append(
            said | {"kid": jwt.get_unverified_header(assertion)["kid"], "jwt": assertion}
        )
        body = {
            "access_token": uuid.uuid4().hex,
            "token_type": "Bearer",
            "expires_in": platform.token_seconds,
            "scope": "" if platform.drop_scopes else request.form["scope"],
        }
        return Response(json.dumps(body), content_type="text/html")

    @application.get("/roster/<course>")
    def roster(course: str) -> Response:
        if CONTAINER not in request.headers["Accept"]:
            return Response(status=400)
        if not request.headers.get("Authorization", "").startswith("Bearer "):
            return Response(status=401)
        start = int(request.args.get("from", 0))
        shown = platform.members[start : start + platform.page_size]
        answer = jsonify({"id": request.url, "context": {"id": course}, "members": shown})
        if start + platform.page_size < len(platform.members):
            following = (
                f"{platform.url}/roster/{course}?limit={platform.page_size}&from={start + platform.page_size}"
            )
            answer.headers["Link"] = f'<{following}>; rel="next"'
        return answer


def authorisation(url: str) -> dict[str, str]:
    """The parameters of an authorisation request."""
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
