"""From lines of the alarm log to what sounded at the desk, and how long it stood. Pure; time is event time.

An alarm is annunciated when it becomes unacknowledged, gets worse while it is, or sounds again because nobody
answered. Shelved, suppressed and out-of-service alarms are on record but sound nothing (ISA-18.2), and neither does
one that is hidden behind its cause; so to become one of these is no annunciation, and to come out of it into
*unacknowledged* is one.
"""

import msgspec

SOUNDING = "unacknowledged"
#: The condition holds and the desk shows it.
STANDING = (SOUNDING, "acknowledged")
#: Somebody has yet to answer.
UNANSWERED = (SOUNDING, "returned-unacknowledged")
#: The condition is over.
OVER = ("returned-unacknowledged", "latched", "returned-unconfirmed", "normal")
#: Not a state of the life cycle, but as good as one here: hidden behind the alarm that causes it.
HIDDEN = "hidden"


class Line(msgspec.Struct, frozen=True):
    """One line of the log with what its alarm is. ``rank`` is how bad ``severity`` is in the domain's scheme."""

    alarm: str
    key: str
    desk: str
    time: int
    action: str
    from_state: str
    to_state: str
    severity: str
    rank: int


class Annunciation(msgspec.Struct, eq=False):
    """One sounding. ``returned`` is when the condition was over, ``answered`` when nobody had to answer any more,
    each ``None`` as long as it has not happened.
    """

    time: int
    alarm: str
    key: str
    severity: str
    returned: int | None = None
    answered: int | None = None


class Standing(msgspec.Struct, eq=False):
    """A stretch over which an alarm stood at the desk without a break; ``end`` is ``None`` while it does."""

    start: int
    alarm: str
    key: str
    end: int | None = None


class Course(msgspec.Struct):
    """How far one alarm has come: the worst rank since it last began to sound, and what is still open of it."""

    state: str
    rank: int
    hidden: bool = False
    unreturned: list[Annunciation] = msgspec.field(default_factory=list)
    unanswered: list[Annunciation] = msgspec.field(default_factory=list)
    standing: Standing | None = None


class Courses:
    """Follows alarms line by line; the lines of one alarm come in the order of the log."""

    def __init__(self) -> None:
        self._courses: dict[str, Course] = {}

    def follow(self, line: Line) -> tuple[Annunciation | None, Standing | None]:
        """What begins with this line; what ends with it is noted on what had begun."""
        course = self._courses.setdefault(line.alarm, Course(line.from_state, line.rank))
        if line.action in ("hidden", "shown"):
            course.hidden = line.action == "hidden"
        state = HIDDEN if course.hidden and line.to_state in (*STANDING, *UNANSWERED) else line.to_state
        begins = state == SOUNDING and (course.state != SOUNDING or line.action == "re-alarmed")
        worse = state == SOUNDING and line.rank > course.rank
        self._end(course, line.time, state)
        sounded = Annunciation(line.time, line.alarm, line.key, line.severity) if begins or worse else None
        if sounded is not None:
            course.unreturned.append(sounded)
            course.unanswered.append(sounded)
        stands = None
        if state in STANDING and course.standing is None:
            stands = course.standing = Standing(line.time, line.alarm, line.key)
        course.rank = line.rank if begins or state != SOUNDING else max(course.rank, line.rank)
        course.state = state
        if state == "normal":
            del self._courses[line.alarm]
        return sounded, stands

    def _end(self, course: Course, time: int, state: str) -> None:
        if state in OVER:
            for each in course.unreturned:
                each.returned = max(each.time, time)
            course.unreturned.clear()
        if state not in UNANSWERED:
            for each in course.unanswered:
                each.answered = max(each.time, time)
            course.unanswered.clear()
        if course.standing is not None and state not in STANDING:
            course.standing.end = max(course.standing.start, time)
            course.standing = None
