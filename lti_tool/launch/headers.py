"""Security headers of every answer (S12, S13)."""

from flask import Flask, Response, g, request

from lti_tool.storage.request import wiring

NOTHING_ALLOWED = ", ".join(
    f"{feature}=()"
    for feature in (
        "accelerometer",
        "autoplay",
        "camera",
        "clipboard-read",
        "display-capture",
        "encrypted-media",
        "fullscreen",
        "geolocation",
        "gyroscope",
        "hid",
        "idle-detection",
        "local-fonts",
        "magnetometer",
        "microphone",
        "midi",
        "payment",
        "picture-in-picture",
        "publickey-credentials-get",
        "screen-wake-lock",
        "serial",
        "usb",
        "xr-spatial-tracking",
    )
)
"""What a browser can switch off for a page (S13). Copy buttons write to the clipboard."""


def frame_by(origins: str) -> None:
    """Let the answer to this request be framed by these origins, separated by spaces (S12)."""
    g.framed_by = origins


def is_framed() -> bool:
    """Whether it is known already who may frame the answer."""
    return bool(g.get("framed_by"))


def allow_form_to(origins: str) -> None:
    """Let a form of this page lead, after our redirect, to these origins (Chromium checks redirects too)."""
    g.form_targets = origins


def add_to(application: Flask) -> None:
    @application.after_request
    def secure(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = _policy()
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["Permissions-Policy"] = NOTHING_ALLOWED
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        if request.endpoint != "static":
            response.headers["Cache-Control"] = "no-store"
        if wiring().settings.base_url.startswith("https:"):
            response.headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
        return response


def _policy() -> str:
    """Own scripts and styles only; framed by the platform of the launch only."""
    form_action = f"'self' {g.get('form_targets', '')}".strip()
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' data:",
            "font-src 'self'",
            "connect-src 'self'",
            "object-src 'none'",
            "base-uri 'none'",
            f"form-action {form_action}",
            f"frame-ancestors {g.get('framed_by') or chr(39) + 'none' + chr(39)}",
        )
    )
