"""A browser without a screen: keeps cookies, follows the forms that pages submit by themselves, fills in forms.

The demonstration plays the class with it, through the same pages a person would use.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http.cookiejar import Cookie
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
from requests.cookies import RequestsCookieJar
from selectolax.lexbor import LexborHTMLParser, LexborNode

from lti_tool.errors import UndertoneError

TIMEOUT = (5, 30)
MOST_STEPS = 8


class UnexpectedPageError(UndertoneError):
    code = "unexpected_page"
    words = "A page was not the one expected."


@dataclass(frozen=True)
class Form:
    """A form as it would be sent if nothing were changed in it."""

    id: str
    action: str
    method: str
    fields: Mapping[str, Sequence[str]]
    submits_itself: bool


@dataclass(frozen=True)
class Page:
    """An answer with the means to go on from it."""

    url: str
    status: int
    html: str

    @property
    def tree(self) -> LexborHTMLParser:
        return LexborHTMLParser(self.html)

    @property
    def title(self) -> str:
        heading = self.tree.css_first("h1")
        return heading.text(strip=True) if heading else ""

    def text(self) -> str:
        body = self.tree.body
        return " ".join(body.text(separator=" ").split()) if body else ""

    def forms(self) -> list[Form]:
        return [_form(self.url, node) for node in self.tree.css("form")]

    def form(self, name: str) -> Form:
        """The form with this id, or whose address ends so; UnexpectedPageError when there is none."""
        for form in self.forms():
            if name == form.id or urlsplit(form.action).path.endswith(name):
                return form
        raise UnexpectedPageError(f"No form “{name}” on the page “{self.title}” (HTTP {self.status}).")

    def links(self, text: str) -> list[str]:
        """The addresses of the links with these words."""
        wanted = [node for node in self.tree.css("a[href]") if text.lower() in node.text(strip=True).lower()]
        return [urljoin(self.url, node.attributes["href"] or "") for node in wanted]

    def link(self, text: str) -> str:
        """The address of the first link with these words, or UnexpectedPageError."""
        for address in self.links(text):
            return address
        raise UnexpectedPageError(f"No link “{text}” on the page “{self.title}” (HTTP {self.status}).")


class _LoopbackJar(RequestsCookieJar):
    """Browsers treat loopback as safe and return `Secure` cookies there; the client library does not."""

    def set_cookie(self, cookie: Cookie, *args: Any, **kwargs: Any) -> None:
        cookie.secure = False
        super().set_cookie(cookie, *args, **kwargs)


class Browser:
    """One person's browser. `Secure` cookies are returned on loopback over plain http, as browsers do."""

    def __init__(self) -> None:
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.cookies = _LoopbackJar()

    def get(self, url: str) -> Page:
        return self._follow(self._session.get(url, timeout=TIMEOUT))

    def submit(self, form: Form, changes: Mapping[str, Sequence[str]] | None = None) -> Page:
        """Send a form with the values of `changes` in place of its own; no values leave a field out."""
        return self._follow(self._send(form, {**form.fields, **(changes or {})}))

    def _send(self, form: Form, fields: Mapping[str, Sequence[str]]) -> requests.Response:
        parts = urlsplit(form.action)
        if form.method == "get":
            return self._session.get(form.action, params=dict(fields), timeout=TIMEOUT)
        headers = {"Origin": f"{parts.scheme}://{parts.netloc}"}
        return self._session.post(form.action, data=dict(fields), headers=headers, timeout=TIMEOUT)

    def _follow(self, answer: requests.Response) -> Page:
        page = _page(answer)
        for _ in range(MOST_STEPS):
            waiting = [form for form in page.forms() if form.submits_itself]
            if not waiting:
                return page
            page = _page(self._send(waiting[0], waiting[0].fields))
        raise UnexpectedPageError("The pages went in a circle.")


def _page(answer: requests.Response) -> Page:
    return Page(answer.url, answer.status_code, answer.text)


def _form(url: str, node: LexborNode) -> Form:
    attributes = node.attributes
    fields: dict[str, list[str]] = {}
    for field in node.css("input[name], button[name], select[name], textarea[name]"):
        kind = (field.attributes.get("type") or "text").lower()
        unticked = kind in ("radio", "checkbox") and "checked" not in field.attributes
        if not unticked and field.tag != "button" and kind != "submit":
            fields.setdefault(field.attributes["name"] or "", []).append(field.attributes.get("value") or "")
    return Form(
        id=attributes.get("id") or "",
        action=urljoin(url, attributes.get("action") or url),
        method=(attributes.get("method") or "get").lower(),
        fields=fields,
        submits_itself="data-submit-now" in attributes or attributes.get("id") == "autopostme",
    )
