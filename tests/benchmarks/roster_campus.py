"""The sample campus with thousands of students, in a process of its own.

`python -m tests.benchmarks.roster_campus PORT KEYS_URL STUDENTS`
"""

import sys

from lti_tool.demo.campus import CampusSettings, ToolRegistration, campus_of, create_campus, serve
from lti_tool.demo.campus.records import Person

CLIENT_ID = "sample-campus-tool"
FIRST_ID = 1000


def student(number: int) -> Person:
    return Person(
        id=FIRST_ID + number,
        key=f"student{number}",
        given=f"Given{number}",
        family=f"Family{number}",
        email=f"student{number}@campus.example",
        role="student",
        language="en",
        group="",
        choice=None,
    )


def main(port: int, keys_url: str, students: int) -> None:
    tool = ToolRegistration(CLIENT_ID, "http://localhost/lti/login", "http://localhost/lti/launch", keys_url)
    base = f"http://localhost:{port}"
    application = create_campus(CampusSettings(tool=tool, base_url=base, environment="test"))
    people = campus_of(application).content.people
    people[:] = [person for person in people if person.role != "student"] + list(
        map(student, range(students))
    )
    _, thread = serve(application, port)
    thread.join()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
