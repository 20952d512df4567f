"""How the vectors of a group follow each other: after a gap, or at the beginning, a group must be watched for a while
before anything is said of it."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from detectors.base import FloatArray
from detectors.groups.base import Arrays, GroupDetector
from detectors.groups.watch import FittedGroup, Verdict, Watch, look

#: A vector that comes more than this many periods after the last one has nothing to do with it.
GAP_PERIODS = 5


@dataclass(frozen=True, slots=True)
class Course:
    """``watch`` and what it has seen: ``spoke``, number of the last period with a value; ``warm``, vectors since the
    beginning or the last gap."""

    watch: Watch
    spoke: int = -1
    warm: int = 0

    @classmethod
    def begun(cls, group: FittedGroup) -> "Course":
        """As before the first vector."""
        return cls(group.fresh())

    def arrays(self) -> Arrays:
        """As plain arrays, for a snapshot."""
        return self.watch.arrays() | {"course": np.array([float(self.spoke), float(self.warm)])}

    @classmethod
    def loaded(cls, arrays: Arrays) -> "Course":
        """What ``arrays`` gave."""
        rest = {key: value for key, value in arrays.items() if key != "course"}
        spoke, warm = arrays["course"].tolist()
        return cls(Watch.loaded(rest), int(spoke), int(warm))


def warm_up(group: FittedGroup) -> int:
    """Vectors before the first that is judged: as many as the longest memory of a score."""
    return _warm_up(group.detector)


@lru_cache(256)  # detectors are few, and asked at each vector
def _warm_up(detector: GroupDetector) -> int:
    return int(np.ceil(detector.rows_a_score().max()))


def follow(group: FittedGroup, course: Course, x: FloatArray, period: int) -> tuple[Verdict | None, Course]:
    """Judge the vector (d,) of this period; ``None`` where nothing came, or nothing can be said yet."""
    if np.isnan(x).all():
        return None, course
    joined = course.spoke >= 0 and period - course.spoke <= GAP_PERIODS
    warm = course.warm + 1 if joined else 1
    verdict, watch = look(group, course.watch, x, joined)
    now = Course(watch, period, warm)
    return (None if warm <= warm_up(group) or np.isnan(verdict.score) else verdict), now
