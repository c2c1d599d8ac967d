"""A class of 24 with arcs: confusion peaks in week 3, frustration with the autograder returns in week 6."""

from datetime import timedelta

from lti_tool.insights import service
from tests.classroom import START, Classroom, settings_in

NOW = START + timedelta(days=42)
NAMES = ("", "Growth", "Sorting", "Recursion", "Trees", "Hashing", "Graphs")
CONFUSED = {1: 2, 2: 4, 3: 13, 4: 6, 5: 4, 6: 5}
"""How many of the seventeen reflections of a week read as confused."""
FRUSTRATED = {1: 0, 2: 7, 3: 1, 4: 0, 5: 0, 6: 8}


class ClassOf24(Classroom):
    """Eleven with B, six with A only, seven without; weekly reflections and a forum across all weeks."""

    def __init__(self, session, mode="individual"):
        super().__init__(session, mode)
        self.named, self.hidden = self.people(11, "ABC"), self.people(6, "A")
        self.people(7, "")
        self.model = self.version()
        self.autograder = self.activity("Autograder problems")
        self.reflections = {}
        for week in range(1, 7):
            self.reflections[week] = self.activity(
                f"Week {week} reflection",
                "reflection",
                week,
                NAMES[week],
                due_at=START + timedelta(days=7 * week - 1),
            )
            self._reflect(week)
            self._complain(week)

    @property
    def authors(self):
        """With and without B in turn, so that every arc has both."""
        rest = self.named[6:]
        return [one for pair in zip(self.named, self.hidden, strict=False) for one in pair] + rest

    def _reflect(self, week):
        for place, person in enumerate(self.authors):
            confused = place < CONFUSED[week]
            words = "Still puzzled about the base case today." if confused else "A calm week."
            post = self.post(person, self.reflections[week], f"{words} {place} {week}", 7 * week - 4)
            if confused:
                self.score(post, self.model, confusion=0.85, negative=0.8)
            else:
                self.score(post, self.model)

    def _complain(self, week):
        for place, person in enumerate(self.named[:9]):
            annoyed = place < FRUSTRATED[week]
            words = f"It times out on input seven. {place}{week}" if annoyed else f"See page {place}{week}."
            post = self.post(person, self.autograder, words, 7 * week - 2)
            if annoyed:
                self.score(post, self.model, frustration=0.7, negative=0.8)
            else:
                self.score(post, self.model)

    def snapshot(self, tmp_path, size=24):
        """A fresh snapshot's body, as the pages read it."""
        service.build(self.session, NOW, settings_in(tmp_path), self.course_id, class_size=size)
        return service.body_of(service.latest(self.session, self.course_id))
