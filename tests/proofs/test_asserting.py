"""A test without a check does not count, however it is named."""

import ast

import pytest

from lti_tool.proofs.asserting import checking, checks, functions, marks

HELPERS = """
def plain(page): page.click("a")
def direct(page): assert page.url
def indirect(page): return direct(page)
class Page:
    def method(self): self.indirect()
    def indirect(self): indirect(self)
def round_and_round(): round_and_round()
"""


def function(source: str):
    return next(functions(ast.parse(source)))


def test_helpers_are_those_that_check_or_call_one_that_does():
    found = checking([ast.parse(HELPERS)])
    assert {"direct", "indirect", "method"} <= found
    assert not {"plain", "round_and_round"} & found


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("...", False),
        ("'''P51 is proved by this.'''", False),
        ("assert True", False),
        ("assert 1, 'always'", False),
        ("opened(page)", False),
        ("assert page.url", True),
        ("for one in page: assert one", True),
        ("with pytest.raises(KeyError): page['a']", True),
        ("page.wait_for_selector('h1')", True),
        ("expect(page).to_have_title('x')", True),
        ("check(page)", True),
        ("axe.check(page)", True),
    ],
)
def test_a_test_checks_when_it_can_fail(body, found):
    assert checks(function(f"def test_p51_it(page):\n    {body}"), {"check"}) is found


def test_marks_are_those_of_the_test_and_of_its_file_and_not_those_of_single_cases():
    source = """
pytestmark = [pytest.mark.slow, pytest.mark.timeout(20)]
@pytest.mark.campaign
def test_whole(): ...
@pytest.mark.parametrize("n", [1, pytest.param(500, marks=pytest.mark.campaign)])
def test_some(): ...
"""
    tree = ast.parse(source)
    whole, some = (marks(tree, one) - {"mark"} for one in functions(tree))
    assert whole == {"campaign", "slow", "timeout"}
    assert some == {"parametrize", "slow", "timeout"}


def test_one_mark_of_a_file_needs_no_list():
    tree = ast.parse("pytestmark = pytest.mark.campaign\ndef test_it(): ...")
    assert "campaign" in marks(tree, next(functions(tree)))
