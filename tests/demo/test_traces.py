"""The search for words that may not be there: it reads everything, and says so when it does not."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import pytest

from lti_tool.demo import spellings, traces
from lti_tool.demo.campus import CampusSettings, ToolRegistration, campus_of, create_campus
from lti_tool.demo.pair import Pair
from lti_tool.installation import Installation
from lti_tool.jobs import Job
from lti_tool.settings import Settings

WORD = "zqwanderwort"
NAME = "Petra Černíková"


@pytest.fixture
def settings(tmp_path) -> Settings:
    home = tmp_path / "temporary" / "home"
    home.mkdir(parents=True)
    return Settings(environment="test", home=home)


@pytest.fixture
def pair(settings, database, monkeypatch, tmp_path) -> Pair:
    """A pair of which nothing runs, on a machine that has no other caches."""
    for name in traces.CACHES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "nobody"))
    place = settings.home
    return Pair(Installation(settings, database), None, "", "", place, place / "log", datetime.now(UTC), [])


def write(file: Path, content: str) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content, encoding="utf-8")
    return file


def test_nothing_is_found_where_nothing_is_and_nothing_is_left_behind(pair):
    before = set(pair.home.parent.rglob("*")) - set(pair.home.glob("undertone.db-*"))
    assert traces.found(pair, [WORD, NAME]) == set()
    assert set(pair.home.parent.rglob("*")) - set(pair.home.glob("undertone.db-*")) == before


def test_a_word_in_a_table_is_found_as_it_reads(pair):
    with pair.installation.database.session() as session:
        session.add(Job(kind="pull", queued_at=pair.began, result={"said": f"so {NAME.upper()}, {NAME}"}))
    assert "table jobs" in traces.found(pair, [NAME])


@pytest.mark.parametrize("place", ["home/a/b/c", "scratch/of/a/library"])
def test_a_word_is_found_at_any_depth(pair, place):
    file = write(pair.home.parent / place / "left.bin", f"…{WORD.upper()}…")
    assert traces.found(pair, [WORD]) == {f"file {file}"}


@pytest.mark.parametrize("spelt", [str, json.dumps, quote, str.encode], ids=["plain", "json", "url", "bytes"])
def test_a_name_is_found_however_it_is_escaped(pair, spelt):
    file = write(pair.home / "tool.log", f"GET /?name={spelt(NAME)}" if spelt is not str.encode else "")
    if spelt is str.encode:
        file.write_bytes(b"\xff" + spelt(NAME))
    assert traces.found(pair, [NAME]) == {f"file {file}"}


def test_what_a_library_cached_since_the_start_is_the_tools_and_what_lay_there_is_not(
    pair, monkeypatch, tmp_path
):
    monkeypatch.setenv("HF_HOME", str(tmp_path / "cache"))
    old = write(tmp_path / "cache" / "hub" / "old.txt", WORD)
    os.utime(old, (0, 0))
    assert traces.found(pair, [WORD]) == set()
    fresh = write(tmp_path / "cache" / "hub" / "fresh.txt", WORD)
    assert traces.found(pair, [WORD]) == {f"file {fresh}"}


def test_what_other_programs_write_beside_the_pair_is_not_the_tools(pair, tmp_path):
    write(tmp_path / "elsewhere" / "checkout.json", WORD)
    assert traces.found(pair, [WORD]) == set()


def test_what_is_no_file_is_passed_over(pair):
    os.mkfifo(pair.home.parent / "pipe")
    (pair.home / "nowhere").symlink_to(pair.home / "gone")
    assert traces.found(pair, [WORD]) == set()


@pytest.mark.parametrize("blind", [("temporary",), ("home", "temporary")])
def test_a_search_that_stays_at_the_top_is_refused(pair, monkeypatch, blind):
    whole = traces._below

    def top(folder: Path):
        return (str(path) for path in folder.glob("*")) if folder.name in blind else whole(folder)

    monkeypatch.setattr(traces, "_below", top)
    with pytest.raises(traces.BlindSearchError):
        traces.found(pair, [WORD])


def test_a_word_on_the_border_of_two_pieces_is_found(tmp_path):
    file = write(tmp_path / "big", "x" * (spellings.PIECE - 5) + WORD)
    assert spellings.held_by_file(str(file), spellings.of([WORD])) == {WORD.encode()}


def test_names_and_addresses_tell_of_a_person_too():
    campus = campus_of(create_campus(CampusSettings(tool=ToolRegistration("t", "", "", ""))))
    assert {"petra", "hannah"} <= set(traces.silent(campus))
    told = traces.telling(campus, "petra")
    assert {NAME, "petra@campus.example"} < set(told)
    assert set(traces.planted("petra")) < set(told)
