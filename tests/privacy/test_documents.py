"""The papers of the switch-on pack are whole, current, of this release, and match live settings (P4, P63)."""

import io
import json
import re
import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.cli import main
from lti_tool.documents.facts import Facts, fresh, gather, page_languages
from lti_tool.documents.models import measured
from lti_tool.documents.writing import PAPERS, EditedError, differences, store, written
from lti_tool.launch import institutions
from lti_tool.launch.institutions import Decision
from lti_tool.launch.tables import Institution
from lti_tool.retraining import cards
from lti_tool.rights.retention_choices import choose
from lti_tool.scoring.serving import SHIPPED
from lti_tool.settings import Settings
from lti_tool.storage import KINDS, kept_tables, owned_tables
from tests.classroom import Classroom, open_database
from tests.launch.tenants import tenants

ROOT = Path(__file__).parents[2]
KEPT = ROOT / "docs" / "privacy"
AI_ACT = "ai-act-memo risk-register data-governance human-oversight accuracy instructions-for-use fundamental-rights"
NOW = datetime(2026, 11, 26, tzinfo=UTC)


@pytest.fixture(scope="module")
def papers() -> dict[str, str]:
    return written(fresh())


def test_p4_p63_the_papers_in_the_source_tree_are_current_and_of_this_release(papers: dict[str, str]) -> None:
    """When this fails: `undertone docs --defaults --out docs/privacy`."""
    assert differences(KEPT, papers) == []
    assert {path.name for path in KEPT.iterdir()} == set(PAPERS)
    for text in papers.values():
        assert f"Undertone {version('undertone')}" in text


def test_p4_another_release_or_a_missing_paper_is_out_of_date(tmp_path: Path, papers: dict[str, str]) -> None:
    store(tmp_path, papers)
    assert differences(tmp_path, papers) == []
    assert len(differences(tmp_path, written(replace(fresh(), release="9.9.9")))) == len(PAPERS)
    (tmp_path / "dpia.md").unlink()
    assert differences(tmp_path, papers) == ["dpia.md is missing"]


def test_p4_every_paper_that_high_risk_systems_need_is_there_with_its_dates(papers: dict[str, str]) -> None:
    assert {f"{name}.md" for name in AI_ACT.split()} <= set(papers)
    memo = papers["ai-act-memo.md"]
    for told in (
        "Annex III, point 3(b)",
        "Art. 6(3)",
        "Art. 5(1)(f)",
        "2 December 2027",
        "19 May 2026",
        "2 August 2026",
        "C(2025) 5052",
        "consent does\nnot cure a ban",
    ):
        assert told in memo


def test_p9_p63_the_pack_holds_what_institutions_are_asked_for(papers: dict[str, str]) -> None:
    wanted = {"dpia", "article-30", "article-28", "hecvat", "trusted-apps", "accessibility", "consultation"}
    assert {f"{name}.md" for name in wanted} <= set(papers)


def test_p63_each_paper_names_sources_claims_no_advice_and_marks_what_is_missing(
    papers: dict[str, str],
) -> None:
    for name, text in papers.items():
        assert "It is not legal advice" in text
        if name not in ("README.md", "model-card.md", "datasheet.md"):
            assert "## Sources" in text
            assert "**[to be filled in: " in text
        assert not re.search(r"\banonym", text, re.IGNORECASE), name


def test_p63_each_table_and_time_limit_is_told(papers: dict[str, str]) -> None:
    for mapped, _ in [*owned_tables(), *kept_tables()]:
        assert f"| `{mapped.__tablename__}` |" in papers["dpia.md"]
    assert papers["article-30.md"].count("\n| ") >= len(KINDS)


def live(session: Session, **changes: Any) -> Facts:
    owner = session.scalars(select(Institution)).one()
    return gather(session, Settings(environment="test", **changes), owner)


def test_p63_p2_papers_of_an_installation_hold_its_own_settings(tmp_path: Path) -> None:
    decided = Decision("individual", "the senate", "two courses ask", "vice-rector", "DPIA-7", "memo-3")
    with open_database(tmp_path).session() as session:
        Classroom(session).version()
        owner = session.scalars(select(Institution)).one()
        owner.help_contacts = "Ring 555 0100"
        institutions.decide(session, NOW, owner, decided, None)
        choose(session, NOW, owner, "texts", 60, "the senate")
        made = written(
            live(session, smallest_group=12, retrain_on_request_only=True, base_url="https://x.example")
        )
    assert "individual" in made["dpia.md"]
    for told in (
        "Invented College",
        "approver: the senate",
        "assessment: DPIA-7",
        "Ring 555 0100",
        "12 distinct authors",
    ):
        assert told in made["dpia.md"]
    assert "| texts that were read | 60 | 180 |" in made["article-30.md"]
    assert "https://x.example" in made["article-30.md"]
    assert "It runs only when somebody asks." in made["data-governance.md"]
    assert ".example: active, read as not read" in made["article-30.md"]


def test_p63_without_a_model_the_papers_say_so(tmp_path: Path) -> None:
    with open_database(tmp_path).session() as session:
        Classroom(session)
        assert "There is no card" in written(live(session))["model-card.md"]


def test_a_paper_that_was_changed_by_hand_is_never_written_over(
    tmp_path: Path, papers: dict[str, str]
) -> None:
    store(tmp_path, papers)
    filled = (tmp_path / "dpia.md").read_text() + "Approved."
    (tmp_path / "dpia.md").write_text(filled)
    other = written(replace(fresh(), release="9.9.9"))
    with pytest.raises(EditedError, match=r"dpia\.md"):
        store(tmp_path, other)
    assert (tmp_path / "dpia.md").read_text() == filled
    assert (tmp_path / "ferpa.md").read_text() == papers["ferpa.md"]


def test_the_command_writes_and_checks(tmp_path: Path) -> None:
    command = ["docs", "--defaults", "--out", str(tmp_path / "papers")]
    assert CliRunner().invoke(main, [*command, "--check"]).exit_code == 1
    assert CliRunner().invoke(main, command).exit_code == 0
    told = CliRunner().invoke(main, [*command, "--check"])
    assert (told.exit_code, told.output) == (0, f"{len(PAPERS)} of {len(PAPERS)} papers are up to date.\n")


def test_p44_the_school_official_wording_is_there(papers: dict[str, str]) -> None:
    text = re.sub(r"[>*\s]+", " ", papers["ferpa.md"])
    for term in (
        "school official with a legitimate educational interest",
        "direct control",
        "only for the purpose",
        "does not disclose them again",
        "destroys them on request",
        "undertone audit disclosures",
    ):
        assert term in text


def test_p57_the_card_has_every_part(papers: dict[str, str]) -> None:
    card = papers["model-card.md"]
    for part in (
        "Purpose",
        "Not for",
        "Figures",
        "Training data",
        "Provenance",
        "Use",
        "De-identification",
        "Date",
    ):
        assert f"## {part}" in card
    assert "## Learnt here" in card
    assert f"{100 * measured()['recall']:.1f} % were found" in card


@pytest.mark.parametrize("missing", cards.NEEDED)
def test_p57_no_card_of_a_manifest_that_says_too_little(missing: str) -> None:
    manifest = dict(cards.manifest_of(SHIPPED))
    cards.require_whole(manifest)
    with pytest.raises(cards.CardError):
        cards.require_whole({**manifest, missing: None})


def test_p58_the_datasheet_says_where_from_on_what_basis_and_what_was_left_out() -> None:
    sheet = cards.datasheet({"corrections": 41, "held_out": 12, "near_duplicates": 3, "pool": "ab" * 32})
    for told in ("purpose C", "consent basis", "who labelled", "left out", "corrections learnt from: 41"):
        assert told in sheet


def test_p33_pseudonymised_is_said_and_never_more(papers: dict[str, str]) -> None:
    shown = [*papers.values()]
    shown += [path.read_text("utf-8") for path in (ROOT / "templates").rglob("*.html")]
    shown += [path.read_text("utf-8") for path in (ROOT / "docs").glob("*.md")]
    shown += [path.read_text("utf-8") for path in (ROOT / "lti_tool" / "consent").glob("*.py")]
    claims = [re.findall(r".{30}\banonymi[sz]ed.{30}|.{30}\banonymous data.{30}", text) for text in shown]
    assert [claim for found in claims for claim in found] == []
    assert "pseudonymised" in papers["dpia.md"]


def test_p34_what_the_papers_say_of_de_identification_is_what_was_measured() -> None:
    """The table in the document is held against the measurement itself by the tests of `ingest`."""
    table = (ROOT / "docs" / "deidentification.md").read_text("utf-8").split("```")[1]
    rows = {
        line[:38].strip(): line[38:].split()
        for line in table.strip().splitlines()[1:]
        if "corpus" not in line
    }
    said = measured()
    assert (said["mentions"], f"{said['recall']:.3f}") == (int(rows["all"][0]), rows["all"][1])
    found = {one["origin"]: [str(one["mentions"]), f"{one['recall']:.3f}"] for one in said["origins"]}
    assert found == {name: row[:2] for name, row in rows.items() if name != "all"}


def test_p63_an_administrator_downloads_all_of_them(tmp_path: Path) -> None:
    with tenants(tmp_path) as made:
        seat = made.seats["ours.administrator"]
        answer = made.ask(seat, "GET", f"/l/{seat.launch_id}/privacy/papers", {}, {})
        packed = zipfile.ZipFile(io.BytesIO(answer.data))
        assert [name.removeprefix("undertone-documents/") for name in packed.namelist()] == list(PAPERS)
        assert answer.headers["Content-Disposition"].startswith('attachment; filename="undertone-documents-')
        assert "Invented College ours" in packed.read("undertone-documents/dpia.md").decode()
        assert "papers_downloaded" in {row.event for row in made.log()}
        page = made.ask(seat, "GET", f"/l/{seat.launch_id}/privacy", {}, {}).text
        assert f"/l/{seat.launch_id}/privacy/papers" in page


def test_gathering_reads_nothing_of_a_person(tmp_path: Path) -> None:
    with open_database(tmp_path).session() as session:
        room = Classroom(session)
        room.post(room.person("ABC"), room.activity("Diary", "reflection", 1), "Zqplanted words of mine.", 1)
        assert "Zqplanted" not in json.dumps(written(live(session)))
    assert "en" in page_languages()
