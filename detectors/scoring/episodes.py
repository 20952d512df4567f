"""Episode by episode: which labelled events an alarm told of, how soon, and how many alarms told of nothing.

An alarm is a run of flagged rows. Nobody looks at rows, so this is nearer to what an operator meets than F1.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from detectors.scoring.segments import as_labels, segments


@dataclass(frozen=True, slots=True)
class EpisodeScores:
    """``labelled`` events; ``found``: those with a flagged row in them; ``already_standing``: those of them whose
    first row an alarm from before still covered, so that nobody was told anew; ``false``: ``alarms`` that touch no
    event; ``delays``: rows from the first row of an event to the alarm that opened in it, one for each event that
    was found and not already standing.
    """

    labelled: int
    found: int
    already_standing: int
    false: int
    alarms: int
    delays: tuple[int, ...]

    @property
    def median_delay(self) -> float:
        """Rows; NaN where no alarm opened in any event."""
        return float(np.median(self.delays)) if self.delays else float("nan")


def episode_scores(labels: ArrayLike, flags: ArrayLike) -> EpisodeScores:
    """Compare alarms with labelled events; both 0 or 1 for each row, shape (n,).

    >>> episode_scores([0, 0, 1, 1, 1, 0, 0, 0], [0, 0, 0, 1, 1, 1, 0, 1])
    EpisodeScores(labelled=1, found=1, already_standing=0, false=1, alarms=2, delays=(1,))
    """
    on = np.asarray(flags).astype(np.bool_)
    truth = as_labels(labels, len(on), "episode_scores")
    events, alarms = segments(truth), segments(on)
    labelled_before = np.concatenate([[0], np.cumsum(truth)])
    touched = labelled_before[alarms[:, 1] + 1] > labelled_before[alarms[:, 0]]
    found, standing, delays = 0, 0, []
    for first, last in events.tolist():
        rows = np.flatnonzero(on[first : last + 1])
        if not len(rows):
            continue
        found += 1
        if first and on[first] and on[first - 1]:
            standing += 1
        else:
            delays.append(int(rows[0]))
    return EpisodeScores(len(events), found, standing, int((~touched).sum()), len(alarms), tuple(delays))
