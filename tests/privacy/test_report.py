"""`undertone privacy-report` finds the tests by their names and says what has none."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from lti_tool.cli import main
from lti_tool.proofs import naming
from lti_tool.proofs.items import items
from lti_tool.proofs.naming import ids_of, proofs_in
from lti_tool.proofs.table import rows, summary

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


def test_tests_are_found_without_running_them(tmp_path: Path) -> None:
    folder = tmp_path / "tests" / "deep"
    folder.mkdir(parents=True)
    (folder / "test_one.py").write_text(
        "raise SystemExit\ndef test_p1_a(): ...\nclass TestX:\n  def test_p1_b(self): ...\n"
    )
    (folder / "test_two.py").write_text("def test_p2_half(:\n")
    (folder / "helping.py").write_text("def test_p3_is_no_test_file(): ...\n")
    assert proofs_in(tmp_path / "tests") == {
        "P1": ["tests/deep/test_one.py::test_p1_a", "tests/deep/test_one.py::test_p1_b"]
    }


def test_a_needed_item_without_a_test_is_named_and_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    found = {item.id: ["tests/x.py::test"] for item in items()}
    monkeypatch.setattr(naming, "proofs", lambda: found)
    assert CliRunner().invoke(main, ["privacy-report"]).exit_code == 0
    del found["P16"], found["U60"]
    told = CliRunner().invoke(main, ["privacy-report"])
    assert told.exit_code == 1
    assert "Without one: P16." in told.output
    assert "P16  M  Withdrawal in two actions, for new processing at once\n          no test" in told.output
    assert CliRunner().invoke(main, ["privacy-report", "--item", "u60"]).exit_code == 0
    assert CliRunner().invoke(main, ["privacy-report", "--item", "X1"]).exit_code == 2


def test_every_needed_item_has_a_test() -> None:
    assert [row.item.id for row in rows(naming.proofs()) if row.is_missing] == []


def test_without_the_tests_what_came_with_the_package_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = tmp_path / "proofs.json"
    told = CliRunner().invoke(main, ["privacy-report", "--write", str(written)])
    monkeypatch.setattr(naming.lti_tool, "__file__", str(tmp_path / "site" / "lti_tool" / "__init__.py"))
    monkeypatch.setattr(naming, "files", lambda _package: tmp_path)
    assert naming.proofs() == proofs_in(Path(__file__).parents[1])
    assert summary(rows(naming.proofs())) in told.output
    written.unlink()
    assert naming.proofs() == {}
