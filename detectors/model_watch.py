"""When and how the isolation forest looks: all series of a class in one batch, once in a minute of city time."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class IsolationForestWatch:
    """``minute_s``: how often it looks, in city time; ``calm_looks``: looks below half the bound that end an
    episode; ``quiet_s``: time after an episode in which no new one opens; ``ready_rows``: rows a series must have.
    """

    name: ClassVar[str] = "isolation_forest"
    family: ClassVar[str] = "model"
    minute_s: float = 60.0
    calm_looks: float = 3
    quiet_s: float = 3600.0
