"""The LTI 1.3 platform: configuration, keys and the authentication response, as Moodle 4.5 answers them."""

import json
import secrets
import time
from dataclasses import dataclass, field
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from flask import Blueprint, current_app, redirect, render_template, request, url_for
from jwt.algorithms import RSAAlgorithm
from werkzeug.wrappers import Response as AnyResponse

from lti_tool.demo.campus.claims import LINKS, launch_claims
from lti_tool.demo.campus.state import Campus
from lti_tool.errors import NotFoundError

ROSTER_SCOPE = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"

bp = Blueprint("platform", __name__, url_prefix="/mod/lti")


@dataclass
class Platform:
    """What the platform remembers: its key, open launches and handed-out tokens."""

    key: rsa.RSAPrivateKey = field(default_factory=lambda: rsa.generate_private_key(65537, 2048))
    key_id: str = field(default_factory=lambda: secrets.token_hex(10))
    launches: dict[str, tuple[str, str, str]] = field(default_factory=dict)
    """Launch id → (person's key, document target, link); an entry is taken out when it is used."""
    tokens: dict[str, tuple[float, frozenset[str]]] = field(default_factory=dict)
    """Access token → (end, scopes)."""
    tool_keys: dict[str, Any] = field(default_factory=dict)
    """The tool's public keys by `kid`, fetched again after a failed verification."""

    def sign(self, claims: dict[str, Any]) -> str:
        return jwt.encode(claims, self.key, algorithm="RS256", headers={"kid": self.key_id})

    def may_read_roster(self, token: str) -> bool:
        end, scopes = self.tokens.get(token, (0.0, frozenset()))
        return time.time() < end and ROSTER_SCOPE in scopes


def platform() -> Platform:
    return current_app.extensions["platform"]  # type: ignore[no-any-return]


def campus() -> Campus:
    return current_app.extensions["campus"]  # type: ignore[no-any-return]


@bp.get("/openid-configuration.php")
def configuration() -> dict[str, Any]:
    root = campus().settings.base_url
    return {
        "issuer": root,
        "token_endpoint": f"{root}/mod/lti/token.php",
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": ["RS256"],
        "jwks_uri": f"{root}/mod/lti/certs.php",
        "authorization_endpoint": f"{root}/mod/lti/auth.php",
        "scopes_supported": [ROSTER_SCOPE, "openid"],
        "response_types_supported": ["id_token"],
        "subject_types_supported": ["public", "pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "claims_supported": ["sub", "iss", "name", "given_name", "family_name", "email"],
        "https://purl.imsglobal.org/spec/lti-platform-configuration": {
            "product_family_code": "moodle",
            "version": "4.5.6 (Build: 20250811)",
            "messages_supported": [{"type": "LtiResourceLinkRequest"}],
            "variables": ["Context.id", "Context.title", "ResourceLink.id", "User.id"],
        },
    }


@bp.get("/certs.php")
def keys() -> dict[str, Any]:
    own = RSAAlgorithm.to_jwk(platform().key.public_key(), as_dict=True)
    public = {name: own[name] for name in ("kty", "e", "n")}
    return {"keys": [{**public, "alg": "RS256", "kid": platform().key_id, "use": "sig"}]}


@bp.get("/launch.php")
def launch() -> AnyResponse | str:
    """A page that posts the login initiation to the tool by itself (OIDC third-party login)."""
    tool = campus().settings.tool
    if tool is None:
        raise NotFoundError("The tool is not connected to this campus yet.")
    key = request.cookies.get("campus_user")
    if key is None:
        return redirect(url_for("pages.home"))
    launch_id = f"ltilaunch1_{secrets.randbelow(2**31)}"
    target, link = "window" if "window" in request.args else "iframe", request.args.get("id", "1")
    if link not in LINKS:
        raise NotFoundError
    platform().launches[launch_id] = (key, target, link)
    fields = {
        "iss": campus().settings.base_url,
        "target_link_uri": tool.launch_url,
        "login_hint": campus().roster_sub(key),
        "lti_message_hint": json.dumps({"cmid": 1, "launchid": launch_id}, separators=(",", ":")),
        "client_id": tool.client_id,
        "lti_deployment_id": campus().settings.deployment_id,
    }
    return render_template("campus/post.html", action=tool.login_url, fields=fields)


@bp.route("/auth.php", methods=["GET", "POST"])
def authenticate() -> str | tuple[str, int]:
    """The authentication response (LTI security framework 5.1.1.2-5.1.1.3), with Moodle's two ways to refuse.

    A bad redirect address, scope, response type or a hint used twice is a 404 page; the rest is posted back.
    """
    told, tool, key = request.values, campus().settings.tool, request.cookies.get("campus_user")
    if key is None and "repost" not in told:
        return render_template(
            "campus/post.html", action=request.base_url, fields={**told.to_dict(), "repost": "1"}
        )
    well_formed = (
        tool is not None
        and told.get("redirect_uri") in tool.redirects()
        and told.get("scope") == "openid"
        and told.get("response_type") == "id_token"
        and bool(told.get("nonce") and told.get("login_hint") and told.get("client_id"))
    )
    hint = _take_hint(told.get("lti_message_hint", ""))
    if tool is None or not well_formed or hint is None or key is None:
        return render_template("campus/error.html", title="Invalid request", words="Invalid request"), 404
    person = campus().person(key)
    error = None
    if told["client_id"] != tool.client_id:
        error = {"error": "unauthorized_client"}
    elif hint[0] != key or told["login_hint"] != str(person.id):
        error = {"error": "access_denied"}
    elif told.get("response_mode") != "form_post":
        error = {"error": "invalid_request", "error_description": "Invalid response_mode"}
    elif told.get("prompt", "none") != "none":
        error = {"error": "invalid_request", "error_description": "Invalid prompt"}
    answer = error or {
        "id_token": platform().sign(launch_claims(campus(), tool, person, told["nonce"], *hint[1:]))
    }
    fields = {**answer, "state": told.get("state", "")}
    return render_template("campus/post.html", action=told["redirect_uri"], fields=fields)


def _take_hint(hint: str) -> tuple[str, str, str] | None:
    """The launch a message hint stands for; it works once."""
    try:
        launch_id = json.loads(hint)["launchid"]
    except (ValueError, TypeError, KeyError):
        return None
    return platform().launches.pop(str(launch_id), None)
