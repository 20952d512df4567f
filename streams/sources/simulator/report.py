"""What the simulator sent, so that whoever plays it can prove that nothing was lost."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any


@dataclass
class SentReport:
    """Counts of one play.

    ``readings`` are values by domain that must be on the readings topics: repeated ones and those of an
    unknown site among them, but not what the gateway or the intake puts aside. ``events`` likewise for the
    events topics. ``dead_letters`` and ``unregistered`` say what the wrong messages must end as.
    ``refused`` is what a door said no to against expectation (0 in a good run); ``resent`` counts tries
    after the first.
    """

    readings: Counter[str] = field(default_factory=Counter)
    events: Counter[str] = field(default_factory=Counter)
    wires: Counter[str] = field(default_factory=Counter)
    dead_letters: Counter[str] = field(default_factory=Counter)
    frames: int = 0
    requests: int = 0
    repeated: int = 0
    unregistered: int = 0
    refused: int = 0
    resent: int = 0
    held_ms: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Plain data for a JSON report; keys sorted."""
        return {
            "readings": dict(sorted(self.readings.items())),
            "events": dict(sorted(self.events.items())),
            "wires": dict(sorted(self.wires.items())),
            "frames": self.frames,
            "requests": self.requests,
            "refused": self.refused,
            "resent": self.resent,
            "repeated": self.repeated,
            "expected_dead_letters": dict(sorted(self.dead_letters.items())),
            "expected_unregistered": self.unregistered,
            "held_ms": self.held_ms,
        }
