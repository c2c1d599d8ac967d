"""The role vocabulary (S23): which roles of a token make an instructor or a student, and which nothing."""

import pytest
from sqlalchemy import select

from lti_tool.consent import service as consent
from lti_tool.ingest.tables import Post
from lti_tool.ingest.tasks import pull
from lti_tool.jobs import Run, enqueue
from lti_tool.launch import roster
from lti_tool.launch.roles import role_of
from lti_tool.launch.tables import Course, LaunchSession, Membership
from lti_tool.lms.connections import connect
from tests.launch.platform import LTI
from tests.launch.stage import Stage
from tests.launch.test_roster import MEMBERS_BY_ID
from tests.lms.captured_lms import TOKEN, moodle, serving

VOCABULARY = "http://purl.imsglobal.org/vocab/lis/v2/"
M, I, S = (f"{VOCABULARY}{part}#" for part in ("membership", "institution/person", "system/person"))  # noqa: E741
SUB = VOCABULARY + "membership/"
TEST_USER = "http://purl.imsglobal.org/vocab/lti/system/person#TestUser"

# What the platforms send: canvas.md 1.5, moodle.md 3.
SENT: dict[str, tuple[list[str], str]] = {
    "canvas_teacher": ([M + "Instructor", I + "Instructor", S + "User"], "instructor"),
    "canvas_assistant": (
        [SUB + "Instructor#TeachingAssistant", M + "Instructor", I + "Instructor", S + "User"],
        "instructor",
    ),
    "canvas_student": ([M + "Learner", I + "Student", S + "User"], "student"),
    "canvas_student_who_teaches_elsewhere": (
        [M + "Learner", I + "Student", I + "Instructor", S + "User"],
        "student",
    ),
    "canvas_designer": ([M + "ContentDeveloper", I + "Instructor", S + "User"], "none"),
    "canvas_observer": ([M + "Mentor", I + "Observer", S + "User"], "none"),
    "canvas_account_admin_not_enrolled": ([I + "Administrator", S + "User"], "none"),
    "canvas_site_admin_not_enrolled": ([I + "Administrator", S + "SysAdmin", S + "User"], "none"),
    "canvas_account_admin_who_teaches": (
        [M + "Instructor", I + "Administrator", I + "Instructor", S + "User"],
        "instructor",
    ),
    "canvas_account_admin_who_studies": ([M + "Learner", I + "Administrator", S + "User"], "student"),
    "canvas_student_view": ([M + "Learner", TEST_USER, I + "Student", S + "User"], "none"),
    "canvas_member_of_a_group": ([M + "Member", I + "Student", S + "User"], "none"),
    "canvas_leader_of_a_group": ([M + "Member", M + "Manager", I + "Student", S + "User"], "none"),
    "moodle_teacher": ([M + "Instructor"], "instructor"),
    "moodle_nonediting_teacher": ([M + "Instructor"], "instructor"),
    "moodle_student": ([M + "Learner"], "student"),
    "moodle_site_admin": ([I + "Administrator", M + "Instructor", S + "Administrator"], "instructor"),
    "moodle_roster_teacher": (["Instructor"], "instructor"),
    "moodle_roster_student": (["Learner"], "student"),
}

# The vocabulary beyond them: LTI 1.3 core A.2.
KNOWN: dict[str, tuple[list[str], str]] = {
    "teaches_and_studies": ([M + "Learner", M + "Instructor"], "instructor"),
    "short_teaches_and_studies": (["Learner", "Instructor"], "instructor"),
    "short_and_long": (["Learner", M + "Learner"], "student"),
    "order_does_not_matter": ([S + "User", I + "Instructor", M + "Learner"], "student"),
    "given_twice": ([M + "Learner", M + "Learner"], "student"),
    "institution_instructor_alone": ([I + "Instructor"], "none"),
    "institution_student_alone": ([I + "Student"], "none"),
    "institution_learner_alone": ([I + "Learner"], "none"),
    "institution_faculty_alone": ([I + "Faculty"], "none"),
    "institution_staff_alone": ([I + "Staff"], "none"),
    "institution_administrator_alone": ([I + "Administrator"], "none"),
    "system_administrator_alone": ([S + "Administrator"], "none"),
    "system_sysadmin_alone": ([S + "SysAdmin"], "none"),
    "system_sysadmin_who_studies": ([S + "SysAdmin", M + "Learner"], "student"),
    "membership_administrator": ([M + "Administrator"], "none"),
    "short_administrator": (["Administrator"], "none"),
    "content_developer": ([M + "ContentDeveloper"], "none"),
    "short_content_developer": (["ContentDeveloper"], "none"),
    "content_developer_who_teaches": ([M + "ContentDeveloper", M + "Instructor"], "instructor"),
    "mentor": ([M + "Mentor"], "none"),
    "short_mentor": (["Mentor"], "none"),
    "observer": ([M + "Observer"], "none"),
    "short_observer": (["Observer"], "none"),
    "mentor_who_studies": ([M + "Mentor", M + "Learner"], "none"),
    "mentor_who_teaches": ([M + "Mentor", M + "Instructor"], "none"),
    "short_observer_who_studies": (["Observer", "Learner"], "none"),
    "member": ([M + "Member"], "none"),
    "manager": ([M + "Manager"], "none"),
    "officer": ([M + "Officer"], "none"),
    "member_who_studies": ([M + "Member", M + "Learner"], "student"),
    "assistant_without_instructor": ([SUB + "Instructor#TeachingAssistant"], "none"),
    "assistant_who_studies": ([SUB + "Instructor#TeachingAssistant", M + "Learner"], "student"),
    "grader": ([SUB + "Instructor#Grader"], "none"),
    "sub_role_of_learner_named_instructor": ([SUB + "Learner#Instructor"], "none"),
    "sub_role_of_learner_named_instructor_who_studies": (
        [SUB + "Learner#Instructor", M + "Learner"],
        "student",
    ),
    "sub_role_of_learner": ([SUB + "Learner#GuestLearner"], "none"),
    "test_user_alone": ([TEST_USER], "none"),
    "test_user_and_short_learner": (["Learner", TEST_USER], "none"),
    "test_user_and_instructor": ([M + "Instructor", TEST_USER], "none"),
    "fifty_roles": ([f"https://x.example/role#{n}" for n in range(49)] + [M + "Learner"], "student"),
    "fifty_roles_and_none_of_them": ([f"https://x.example/role#{n}" for n in range(50)], "none"),
}

# What only resembles a role.
STRANGE: dict[str, tuple[list[str], str]] = {
    "no_roles": ([], "none"),
    "empty": ([""], "none"),
    "blank": ([" "], "none"),
    "blank_beside_a_role": (["", " ", M + "Learner"], "student"),
    "only_the_prefix": ([M], "none"),
    "unknown_membership": ([M + "Wizard"], "none"),
    "unknown_short": (["Wizard"], "none"),
    "unknown_beside_a_role": (["https://x.example/role#Odd", M + "Instructor"], "instructor"),
    "lower_case": ([M + "instructor"], "none"),
    "upper_case": ([M + "INSTRUCTOR"], "none"),
    "short_lower_case": (["instructor"], "none"),
    "short_upper_case": (["LEARNER"], "none"),
    "blank_behind": ([M + "Instructor "], "none"),
    "blank_before": ([" " + M + "Instructor"], "none"),
    "blank_within": ([M + " Instructor"], "none"),
    "line_end_behind": ([M + "Instructor\n"], "none"),
    "short_blank_behind": (["Instructor "], "none"),
    "short_blank_before": (["\tInstructor"], "none"),
    "slash_behind": ([M + "Instructor/"], "none"),
    "query_behind": ([M + "Instructor?x"], "none"),
    "second_fragment": ([M + "Learner#Instructor"], "none"),
    "two_in_one": ([f"{M}Learner,{M}Instructor"], "none"),
    "short_two_in_one": (["Learner,Instructor"], "none"),
    "another_host": (["http://evil.example/membership#Instructor"], "none"),
    "another_host_same_path": (["http://evil.example/vocab/lis/v2/membership#Instructor"], "none"),
    "host_that_begins_alike": ([M.replace(".org", ".org.evil.example") + "Instructor"], "none"),
    "https": ([M.replace("http:", "https:") + "Instructor"], "none"),
    "host_in_capitals": ([M.replace("purl.ims", "PURL.IMS") + "Instructor"], "none"),
    "older_vocabulary": ([M.replace("v2", "v1") + "Instructor"], "none"),
    "lti_1p1_urn": (["urn:lti:role:ims/lis/Instructor"], "none"),
    "letter_of_another_alphabet": ([M + "Instru\u0441tor"], "none"),
    "short_letter_of_another_alphabet": (["\uff29nstructor"], "none"),
    "invisible_letter": ([M + "Instructor\u200b"], "none"),
    "escaped": ([M + "%49nstructor"], "none"),
    "only_a_fragment": (["#Instructor"], "none"),
}

ROWS = SENT | KNOWN | STRANGE
PUBLIC = ("canvas_observer", "canvas_student_view", "canvas_designer", "canvas_account_admin_not_enrolled")


@pytest.mark.parametrize("name", ROWS)
def test_row(name: str) -> None:
    roles, role = ROWS[name]
    assert role_of(roles) == role


def test_no_row_stands_twice(capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        print(f"\nroles: {len(ROWS)} rows, {len(SENT)} of them as Canvas and Moodle send them")
    assert len(ROWS) == len(SENT) + len(KNOWN) + len(STRANGE)


@pytest.mark.parametrize("name", PUBLIC)
def test_who_has_no_role_here_gets_the_public_page_and_no_other(stage: Stage, name: str) -> None:
    browser = stage.browser()
    asked = stage.log_in(browser)
    said = stage.claims(asked, **{LTI + "roles": ROWS[name][0]})
    landing = stage.launch(browser, asked, stage.platform.key.sign(said)).headers["Location"]
    assert landing.endswith("/information")
    assert browser.ask("GET", landing).status_code == 200
    for page in ("student", "texts", "data/export", "overview", "reflections", "review", "connection"):
        assert browser.ask("GET", landing.replace("/information", f"/{page}")).status_code == 403, page
    with stage.database.reading() as session:
        assert session.scalars(select(Membership.role)).one() == "none"


def test_a_nonediting_teacher_stays_an_instructor_after_a_pull(
    sign_in, database, settings, platform, registration
) -> None:
    """Moodle sends Instructor at launch and lists Learner (moodle.md 5): the launch wins."""
    assert MEMBERS_BY_ID["4"]["roles"] == ["Learner"]
    platform.members[:] = MEMBERS_BY_ID.values()
    tutor, student = sign_in("instructor", "4"), sign_in("student", "5")
    with serving(moodle()) as site:
        settings.outbound_hosts.append(site.url.removeprefix("http://"))
        with database.session() as session:
            now = session.scalars(select(LaunchSession.created_at)).first()
            course = session.scalars(select(Course)).one()
            row = session.get_one(LaunchSession, student.launch_id)
            agreed = consent.Choices(answered=True, a=True, earlier=True)
            consent.save(session, now, row.person_id, course.id, agreed, "en")
            connect(session, now, registration.id, "moodle", site.url, TOKEN)
            job = enqueue(session, now, "pull", course.id)
        counts = pull(Run(job.id, course.id, {}, database, settings, lambda step, done, total: None))
    assert counts["new"] > 0
    listed = {member.lms_user_id: member for member in roster.read(database, settings, course.id).members}
    assert (listed["4"].student, listed["5"].student) == (False, True)
    with database.reading() as session:
        staff = session.get_one(LaunchSession, tutor.launch_id).person_id
        assert session.get_one(Membership, staff).role == "instructor"
        assert staff not in set(session.scalars(select(Post.person_id)))
    assert tutor.get("overview").status_code == 200
    assert sign_in("instructor", "4").landing.endswith("/overview")
