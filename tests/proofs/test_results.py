"""The results of a run are read from the file that pytest writes, also when it was written by several processes."""

import subprocess
import sys

import pytest

from lti_tool.proofs.results import FILES, Results, read, read_all

TESTS = """
import pytest
def test_p1_good(): assert str(1) == "1"
def test_p2_bad(): assert str(1) == "2"
@pytest.mark.skip
def test_p3_left_out(): assert str(1)
@pytest.mark.parametrize("n", [1, 2])
def test_p4_one_case_fails(n): assert n == 1
@pytest.mark.parametrize("n", [1, pytest.param(2, marks=pytest.mark.skip)])
def test_p5_one_case_is_left_out(n): assert n == 1
@pytest.fixture
def broken(): raise OSError
def test_p6_never_began(broken): assert broken
class TestThem:
    def test_p7_inside(self): assert str(1)
@pytest.mark.xfail
def test_p8_expected_to_fail(): assert str(1) == "2"
"""


@pytest.mark.parametrize("processes", [(), ("-n", "2")])
def test_the_outcome_of_each_test_is_that_of_all_its_cases(tmp_path, processes):
    place = tmp_path / "tests" / "deep"
    place.mkdir(parents=True)
    (place / "test_one.py").write_text(TESTS)
    options = ("-q", "-p", "no:cacheprovider", "--import-mode=importlib", "--rootdir", str(tmp_path))
    command = (sys.executable, "-m", "pytest", *options, "--junitxml", "out.xml", *processes, "tests")
    subprocess.run(command, cwd=tmp_path, capture_output=True)
    found = read(tmp_path / "out.xml")
    assert found.at[:2] == "20"
    assert {name.partition("::")[0] for name in found.outcomes} == {"tests/deep/test_one.py"}
    assert {name.rpartition("::")[2][5:7]: told for name, told in found.outcomes.items()} == {
        "p1": "passed",
        "p2": "failed",
        "p3": "skipped",
        "p4": "failed",
        "p5": "passed",
        "p6": "failed",
        "p7": "passed",
        "p8": "skipped",
    }


@pytest.mark.parametrize("content", [None, "", "<testsuites><testsuite"])
def test_a_file_that_is_missing_or_half_written_tells_of_no_run(tmp_path, content):
    if content is not None:
        (tmp_path / "tests.xml").write_text(content)
    assert read(tmp_path / "tests.xml") == Results()


JUNIT = """<testsuites><testsuite timestamp="{at}">
<testcase classname="tests.test_one" name="{name}">{outcome}</testcase>
</testsuite></testsuites>"""


def test_both_parts_of_a_run_are_read_and_it_is_as_old_as_the_older(tmp_path):
    most, rest = (tmp_path / file for file in FILES)
    most.parent.mkdir()
    most.write_text(JUNIT.format(at="2026-11-26T23:00:00", name="test_p1_most", outcome=""))
    assert read_all(tmp_path) == Results("2026-11-26T23:00:00", {"tests/test_one.py::test_p1_most": "passed"})
    rest.write_text(JUNIT.format(at="2026-11-25T02:00:00", name="test_p2_rest", outcome="<failure/>"))
    found = read_all(tmp_path)
    assert found.at == "2026-11-25T02:00:00"
    assert sorted(found.outcomes.items()) == [
        ("tests/test_one.py::test_p1_most", "passed"),
        ("tests/test_one.py::test_p2_rest", "failed"),
    ]
