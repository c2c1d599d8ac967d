"""`undertone privacy-report` finds tests by their names, counts those that passed, and says what has none."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from lti_tool.cli import main
from lti_tool.proofs import naming
from lti_tool.proofs.items import items
from lti_tool.proofs.naming import Proof, Proofs, ids_of, proofs_in
from lti_tool.proofs.results import Results
from lti_tool.proofs.table import lines, rows, summary

TESTS = Path(__file__).parents[1]
LAST = {"P": 66, "S": 52, "U": 60}


def test_every_item_is_listed_once_with_its_level() -> None:
    found = [item.id for item in items()]
    assert found == [f"{kind}{number}" for kind, last in LAST.items() for number in range(1, last + 1)]
    assert {item.level for item in items()} == {"M", "S", "I", "-"}
    assert all(item.level in ("M", "I") for item in items() if item.needed)
    assert all(5 < len(item.words) < 110 for item in items())


@pytest.mark.parametrize(
    ("name", "ids"),
    [
        ("test_p16_withdrawal", ["P16"]),
        ("test_p36_s12_csp", ["P36", "S12"]),
        ("test_the_keys_rotate_p35", ["P35"]),
        ("test_ap16_is_none", []),
        ("test_p163_is_none", []),
        ("test_utf_16", []),
    ],
)
def test_ids_stand_between_underscores(name: str, ids: list[str]) -> None:
    assert ids_of(name) == ids


def folder_of(tmp_path: Path, **sources: str) -> Path:
    """A folder of tests beside which a run may have left its results."""
    folder = tmp_path / "tests" / "deep"
    folder.mkdir(parents=True)
    for name, source in sources.items():
        (folder / f"{name}.py").write_text(source)
    return tmp_path / "tests"


def states(found: Proofs) -> dict[str, dict[str, str]]:
    """Item → test → what is known of it."""
    return {
        own: {one.test.rpartition("::")[2]: one.state for one in tests} for own, tests in found.tests.items()
    }


def test_tests_are_found_without_running_them(tmp_path: Path) -> None:
    folder = folder_of(
        tmp_path,
        test_one="raise SystemExit\ndef test_p1_a(): assert a\nclass TestX:\n  def test_p1_b(self): assert b\n",
        test_two="def test_p2_half(:\n",
        helping="def test_p3_is_no_test_file(): assert a\n",
    )
    assert states(proofs_in(folder)) == {"P1": {"test_p1_a": "named", "test_p1_b": "named"}}


def test_only_a_test_of_the_default_run_that_checks_something_and_passed_counts(tmp_path: Path) -> None:
    folder = folder_of(
        tmp_path,
        test_one="""
def check(page): assert page
def test_p1_good(): check(1)
def test_p1_bad(): assert a
def test_p1_left_out(): assert a
def test_p1_new(): assert a
def test_p51_nothing_at_all():
    '''Staff cannot be told.'''
@pytest.mark.campaign
def test_p50_at_length(): assert a
""",
    )
    outcomes = {"good": "passed", "bad": "failed", "left_out": "skipped"}
    run = Results(
        "2026-11-26T18:00:00",
        {f"tests/deep/test_one.py::test_p1_{name}": told for name, told in outcomes.items()},  # type: ignore[misc]
    )
    found = proofs_in(folder, run)
    assert states(found) == {
        "P1": {
            "test_p1_good": "passed",
            "test_p1_bad": "failed",
            "test_p1_left_out": "skipped",
            "test_p1_new": "not in the last run",
        },
        "P50": {"test_p50_at_length": "not in the default run"},
        "P51": {"test_p51_nothing_at_all": "checks nothing"},
    }
    assert [one.test for tests in found.tests.values() for one in tests if one.counts] == [
        "tests/deep/test_one.py::test_p1_good"
    ]
    assert found.run == "2026-11-26T18:00:00"


def test_a_needed_item_without_a_test_that_counts_is_named_and_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    tests = {item.id: [Proof("tests/x.py::test", "passed")] for item in items()}
    monkeypatch.setattr(naming, "proofs", lambda: Proofs(tests, "2026-11-26T18:00:00"))
    told = CliRunner().invoke(main, ["privacy-report"])
    assert told.exit_code == 0
    assert "Results of the run of 2026-11-26T18:00:00." in told.output
    del tests["P16"], tests["U60"]
    tests["P17"] = [Proof("tests/x.py::test", "failed")]
    told = CliRunner().invoke(main, ["privacy-report"])
    assert told.exit_code == 1
    assert "Without one: P16, P17." in told.output
    assert "P16  M  Withdrawal in two actions, for new processing at once\n          no test\n" in told.output
    assert "          tests/x.py::test  failed\n          no test that counts\n" in told.output
    assert CliRunner().invoke(main, ["privacy-report", "--item", "u60"]).exit_code == 0
    assert CliRunner().invoke(main, ["privacy-report", "--item", "X1"]).exit_code == 2


def test_the_report_says_what_it_is_worth() -> None:
    told = "\n".join(lines(rows(Proofs()), ""))
    assert "none is known to pass" in told
    assert "the name is a claim" in told


@pytest.fixture(scope="module")
def present() -> Proofs:
    """The tests of this checkout, by names and what they hold: the results of this very run are not known yet."""
    return proofs_in(TESTS)


def test_every_needed_item_has_a_test(present: Proofs) -> None:
    assert [row.item.id for row in rows(present) if row.is_missing] == []


def test_no_test_that_carries_an_item_checks_nothing(present: Proofs) -> None:
    found = [one for tests in present.tests.values() for one in tests]
    assert [one.test for one in found if one.state == "checks nothing"] == []


def test_without_the_tests_what_came_with_the_package_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = tmp_path / "proofs.json"
    told = CliRunner().invoke(main, ["privacy-report", "--write", str(written)])
    beside = naming.proofs()
    monkeypatch.setattr(naming.lti_tool, "__file__", str(tmp_path / "site" / "lti_tool" / "__init__.py"))
    monkeypatch.setattr(naming, "files", lambda _package: tmp_path)
    assert naming.proofs() == beside
    assert summary(rows(naming.proofs()), beside.run) in told.output
    written.unlink()
    assert naming.proofs() == Proofs()
