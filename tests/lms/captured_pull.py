"""`python -m tests.lms.captured_pull`: a pull over recorded answers of Moodle, served over HTTP as they are."""

import tempfile
from pathlib import Path

from tests.ingest.conftest import EARLIER, Pulled, make_course
from tests.lms.captured_lms import moodle, serving

STAGES = {
    "first": "First reading: everybody but Bram (6) agreed, with their earlier posts",
    "delta": "Later: one post edited, two deleted, one submission back to draft, one not handed in yet",
    "gone": "Later still: Eva's posts erased in Moodle, one account deleted, submissions withdrawn",
}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, serving(moodle()) as site:
        course = make_course(Path(folder))
        for user in "5789":
            course.choose(user, EARLIER)
        for stage, words in STAGES.items():
            site.stage = stage
            counts = course.pull(site, complete=True).counts
            print(f"## {words}")
            print(
                f"{counts.activities} activities, {counts.new} new, {counts.edited} changed, {counts.gone} gone,"
            )
            print(f"{counts.unchanged} as before, {counts.not_read} not read: {' '.join(counts.words)}")
            show(course)
        course.database.dispose()


def show(course: Pulled) -> None:
    names = {person: user for user, person in course.people.items()}
    for post in sorted(course.posts(), key=lambda one: (one.written_at, one.title or "", one.text)):
        title = f"[{post.title}] " if post.title else ""
        text = post.text.replace("\n", " / ")
        print(f"  {post.written_at:%m-%d %H:%M} user {names[post.person_id]} {post.language:3} {title}{text}")
    print()


if __name__ == "__main__":
    main()
