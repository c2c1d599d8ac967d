"""Nothing leaves but calls to the registered platform (P36), and nothing at all is sent to or about a person (P6, P56).

There is no sending in this tool, so there is nothing that a person would have to confirm; these tests hold that.
"""

import ast
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest

import lti_tool
from lti_tool.demo.campus import Campus
from lti_tool.insights.material import COUNTED
from lti_tool.jobs import enqueue
from lti_tool.jobs.worker import Worker
from lti_tool.lms.canvas_scopes import SCOPES
from lti_tool.lms.moodle import FUNCTIONS
from lti_tool.outbound.client import Client
from lti_tool.schedule import TASKS, entries, load_tasks
from lti_tool.scoring import tasks as scoring
from lti_tool.scoring.serving import SHIPPED, install_shipped
from model.labels import EMOTIONS, LABELS
from tests.ingest.campus_and_tool import CampusAndTool, running

CODE = Path(lti_tool.__file__).parent
CALLERS = {
    "launch/platform_keys.py": {"get"},
    "launch/registering.py": {"get", "post_json", "delete"},
    "launch/roster.py": {"get"},
    "launch/service_tokens.py": {"post"},
    "lms/canvas_calls.py": {"get"},
    "lms/canvas_oauth.py": {"post", "delete"},
    "lms/moodle_calls.py": {"post"},
}
"""Every module that calls out, and how: keys, the roster, texts; posting is for tokens, for registering, and for
Moodle's web services, which take their questions that way."""
NETWORK = re.compile(
    r"^(smtplib|email|http\.client|urllib\.request|ftplib|telnetlib|imaplib|poplib|nntplib|requests|httpx|aiohttp|urllib3"
    r"|websockets?|xmlrpc|boto3|twilio|sendgrid|slack_sdk|sentry_sdk|openai|anthropic)(\.|$)"
)
MAY_IMPORT = {"outbound/client.py", "outbound/addresses.py", "outbound/deadlines.py", "launch/pylti.py"}
PARSERS = {"requests.utils", "email.utils"}
"""They only take headers apart."""


def modules() -> Iterator[tuple[str, ast.Module]]:
    """Every module of the tool but the sample campus, which is a platform and not the tool."""
    for path in sorted(CODE.rglob("*.py")):
        place = path.relative_to(CODE).as_posix()
        if not place.startswith("demo/"):
            yield place, ast.parse(path.read_text("utf-8"))


def imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


def test_p36_p6_only_the_one_client_can_reach_the_network() -> None:
    found = {
        place
        for place, tree in modules()
        if any(NETWORK.match(name) for name in set(imported(tree)) - PARSERS)
    }
    assert found <= MAY_IMPORT


def test_p36_every_module_that_calls_out_is_known_and_only_reads() -> None:
    found: dict[str, set[str]] = {}
    for place, tree in modules():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                owner = ast.unparse(node.func.value)
                if node.func.attr in {"get", "post", "post_json", "delete"} and re.search(r"client$", owner):
                    found.setdefault(place, set()).add(node.func.attr)
    assert {place: ways - CALLERS.get(place, set()) for place, ways in found.items()} == {
        place: set() for place in found
    }


def test_p6_p56_the_platform_is_only_ever_asked_and_never_told() -> None:
    assert all("_get_" in name for name in FUNCTIONS)
    assert all(scope.startswith("url:GET|") for scope in SCOPES)


def test_p6_no_job_sends_and_none_is_named_so() -> None:
    load_tasks()
    for module in TASKS:
        source = (
            (CODE / module.removeprefix("lti_tool.").replace(".", "/")).with_suffix(".py").read_text("utf-8")
        )
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Call):
                called = ast.unparse(node.func).rpartition(".")[2]
                assert not re.match(r"send|notify|mail|post_message|publish_message", called), (
                    module,
                    called,
                )


@dataclass
class Calls:
    """What the one client was asked to do."""

    made: list[tuple[str, str, bytes]] = field(default_factory=list)

    def listen(self, monkeypatch: pytest.MonkeyPatch) -> None:
        original = Client._call

        def call(client: Client, method: str, url: str, headers: Any, body: bytes | None, most: int) -> Any:
            self.made.append((method, url, body or b""))
            return original(client, method, url, headers, body, most)

        monkeypatch.setattr(Client, "_call", call)


class OnlyTexts:
    """In place of the network: takes nothing but texts, and reads each as toxic."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def score(self, texts: list[str]) -> Any:
        assert all(type(text) is str for text in texts)
        self.seen += texts
        return np.array([[4.0 if name in ("negative", "toxicity") else -4.0 for name in LABELS]] * len(texts))


@pytest.fixture
def worked(
    tmp_path: Path, migrated_file: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[CampusAndTool, Calls, OnlyTexts, str]]:
    """A course with three students, and every job of the schedule done once; what the campus held before."""
    calls, network = Calls(), OnlyTexts()
    monkeypatch.setattr(scoring, "scorer_for", lambda _path: network)
    load_tasks()
    with running(tmp_path, migrated_file) as both:
        with both.database.session() as session:
            install_shipped(session, datetime.now(UTC), SHIPPED)
        for key in ("maria", "nour", "may"):
            both.answer(key)
        both.read_by("moodle", both.campus.settings.base_url, both.campus.settings.service_token)
        before = held(both.campus)
        calls.listen(monkeypatch)
        worker = Worker(both.database, both.settings, [])
        for entry in entries(both.settings):
            with both.database.session() as session:
                for key in entry.keys(session, datetime.now(UTC)):
                    enqueue(session, datetime.now(UTC), entry.kind, key)
            while worker.run_one():
                pass
        yield both, calls, network, before


def held(campus: Campus) -> str:
    """All that stands in the campus."""
    content = campus.content
    return repr((content.people, content.forums, content.assignments))


def test_p6_p36_p56_all_jobs_of_a_day_ask_the_registered_platform_alone_and_change_nothing_there(
    worked: tuple[CampusAndTool, Calls, OnlyTexts, str], capsys: pytest.CaptureFixture[str]
) -> None:
    both, calls, network, before = worked
    platform = urlsplit(both.campus.settings.base_url).netloc
    assert {urlsplit(url).netloc for _method, url, _body in calls.made} == {platform}
    told = [(url, body) for method, url, body in calls.made if method != "GET"]
    for url, body in told:
        asked = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        assert asked.get("wsfunction", "") in FUNCTIONS or asked.get("grant_type") == "client_credentials", (
            url
        )
    assert held(both.campus) == before
    assert network.seen, "nothing was read, so nothing was shown"
    with capsys.disabled():
        print(
            f"\n{len(calls.made)} calls out, {len(network.seen)} texts read as hurtful, nothing written to the platform"
        )


def test_p56_no_figure_finding_or_queue_looks_at_toxicity() -> None:
    assert "toxicity" not in COUNTED
    assert set(COUNTED) == set(EMOTIONS) - {"toxicity"}


def test_p56_toxicity_needs_more_certainty_than_any_other_label() -> None:
    labels = json.loads((SHIPPED / "calibration.json").read_text("utf-8"))["labels"]
    others = [labels[name]["threshold"] for name in EMOTIONS if name != "toxicity"]
    assert labels["toxicity"]["threshold"] > max(others)


def test_p56_wherever_the_word_stands_its_caveat_stands_too() -> None:
    templates = CODE.parent / "templates"
    for name in ("insights/pieces.html", "insights/how.html", "rights/pieces.html"):
        assert "dialect" in (templates / name).read_text("utf-8")


def test_p36_no_page_names_a_foreign_origin() -> None:
    """Pages load from their own address; links lead elsewhere only where a person follows them."""
    loaded = re.compile(
        r"""<(?:script|link|img|iframe|source|audio|video|object|embed)\b[^>]*?(?:src|href|data)=["']?(?:https?:)?//"""
    )
    for path in (CODE.parent / "templates").rglob("*.html"):
        assert not loaded.search(path.read_text("utf-8")), path
    for path in (CODE.parent / "static").rglob("*.css"):
        assert not re.search(
            r"url\(\s*['\"]?(?:https?:)?//|@import\s+['\"](?:https?:)?//", path.read_text("utf-8")
        ), path
