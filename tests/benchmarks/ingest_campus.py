"""A course of any size from a campus that answers at once: posts are made when they are asked for, never kept."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from lti_tool.launch.roster import Member
from lti_tool.lms.protocol import ActivityFacts, CheckLine, PostFacts
from model import starter

START = datetime(2026, 9, 1, tzinfo=UTC)
FORUMS = 20
REPLIES = 10
"""Posts of one thread."""
GIVEN = "Aino Bram Chloé Daniyar Evelyn Farid Giulia Hassan Ingrid Jakub Kwame Lucía Mateus Noor Oksana Priya".split()
FAMILY = (
    "Achterberg Brzęczyszczykiewicz Castellanos Dąbrowska Eriksdóttir Fitzgerald Großkopf Hämäläinen".split()
)
SYLLABLES = "ba den fir gol hun jas kel mor nes pim rut sov tal ves wen zor".split()


@dataclass
class Campus:
    """`posts` posts by `authors` authors in `FORUMS` forums; every hundredth is another one once `changed` is set."""

    posts_in_all: int
    authors: int
    changed: datetime | None = None
    texts: list[str] = field(default_factory=lambda: [str(row["text"]) for row in starter.load("train")])

    def members(self) -> Iterator[Member]:
        """The roster; every name is another one."""
        for number in range(self.authors):
            given = GIVEN[number % len(GIVEN)]
            family = FAMILY[number % len(FAMILY)] if number % 5 == 0 else _syllables(number)
            yield Member(
                lms_user_id=str(number),
                given=given,
                family=family,
                name=f"{given} {family}",
                email=f"{number}@campus.example",
                roles=("Learner",),
                student=True,
            )

    def check(self) -> list[CheckLine]:
        return []

    def activities(self, course_id: str) -> list[ActivityFacts]:
        stamp = self.changed or START + timedelta(seconds=self.posts_in_all)
        return [
            ActivityFacts(str(one), "forum", f"Forum {one}", one, f"Week {one}", cursor="1", changed_at=stamp)
            for one in range(FORUMS)
        ]

    def posts(self, activity: ActivityFacts, since: datetime | None = None) -> Iterator[PostFacts]:
        for number in range(int(activity.external_id), self.posts_in_all, FORUMS):
            edited = self.changed if self.changed and number // FORUMS % 100 == 0 else None
            created = START + timedelta(seconds=number)
            if since is None or (edited or created) >= since:
                yield self._post(number, created, edited)

    def _post(self, number: int, created: datetime, edited: datetime | None) -> PostFacts:
        words = self.texts[number % len(self.texts)]
        if number % 3 == 0:
            words += f" {GIVEN[number % len(GIVEN)]} asked about number {number}."
        thread, opening = divmod(number // FORUMS, REPLIES)
        return PostFacts(
            external_id=str(number),
            kind="forum",
            author_id=str(number * 7 % self.authors),
            thread_id=f"{number % FORUMS}-{thread}",
            parent_id=None,
            title=f"Question {number}" if opening == 0 else None,
            html=f"<p>{words}</p><p>{'Edited' if edited else 'Text'} {number}</p>",
            created_at=created,
            edited_at=edited,
            url=f"https://campus.example/mod/forum/discuss.php?d={thread}#p{number}",
        )


def _syllables(number: int) -> str:
    """A name that no other number has."""
    parts = ""
    while number or not parts:
        number, place = divmod(number, len(SYLLABLES))
        parts += SYLLABLES[place]
    return (parts + "sen").capitalize()
