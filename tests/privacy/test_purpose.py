"""What the tool is for is said everywhere and held to: no grade scope, no code that writes one (P3)."""

import ast
import re
from pathlib import Path

import lti_tool
from lti_tool.consent.texts import texts
from lti_tool.documents.facts import fresh
from lti_tool.documents.writing import written
from lti_tool.lms.canvas_scopes import SCOPES
from lti_tool.lms.moodle import FUNCTIONS
from lti_tool.storage import Base
from tests.launch.tenants import tenants

CODE = Path(lti_tool.__file__).parent
GRADES = re.compile(
    r"line.?item|/lti-ags/|gradebook|lis_outcome|outcome_service|lis_result|core_grades|save_grade|grade_update"
)
NEVER = ("grading", "admission", "progression", "attendance", "misconduct", "staff appraisal")


def test_p3_no_code_path_knows_of_a_gradebook() -> None:
    for path in CODE.rglob("*.py"):
        if path.relative_to(CODE).parts[0] == "demo":  # the sample campus is a platform, which has grades
            continue
        words = [node.value for node in ast.walk(ast.parse(path.read_text("utf-8"))) if _is_words(node)]
        assert not [word for word in words if GRADES.search(word)], path


def _is_words(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def test_p3_no_scope_no_function_and_no_column_is_about_grades() -> None:
    assert not [name for name in (*SCOPES, *FUNCTIONS) if re.search(r"grade|score|result|lineitem", name)]
    columns = {
        f"{table.name}.{column.name}" for table in Base.metadata.sorted_tables for column in table.columns
    }
    assert not [name for name in columns if re.search(r"[._](grade|points|completion)", name)]


def test_p3_the_notice_says_it_before_anybody_chooses() -> None:
    first = texts(str)["first"]
    assert "grade anyone" in first["never"]["items"]
    assert "changes neither course nor grade" in first["free"]


def test_p3_instructors_and_the_papers_are_told_all_of_it(tmp_path: Path) -> None:
    papers = written(fresh())
    told = [
        papers[name] for name in ("model-card.md", "instructions-for-use.md", "dpia.md", "ai-act-memo.md")
    ]
    with tenants(tmp_path) as made:
        seat = made.seats["ours.instructor"]
        told.append(made.ask(seat, "GET", f"/l/{seat.launch_id}/how-it-works", {}, {}).text)
    for page in told:
        flat = " ".join(page.split())
        assert all(use in flat for use in NEVER)
        assert re.search(
            r"formative support and (for )?(improving the course|course improvement)", flat, re.IGNORECASE
        )
