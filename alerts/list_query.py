"""The query of ``GET /api/alarms``: what to show of all alarms, how many, and from where on."""

from pydantic import BaseModel, Field

from alerts.alarm_list import Cut, Which
from alerts.lifecycle import State
from topics.reading import EARLIEST_MS, LATEST_MS


class ListQuery(BaseModel):
    """``state`` is open, closed or all; ``phase`` one state of the life cycle; ``from`` and ``to`` are of opening,
    ms UTC; ``verdict`` a code of the vocabulary, or ``none`` for what nobody has judged.
    """

    state: Which = "open"
    phase: State | None = None
    domain: str | None = Field(None, max_length=40)
    severity: str | None = Field(None, max_length=40)
    site: str | None = Field(None, max_length=120)
    quantity: str | None = Field(None, max_length=120)
    family: str | None = Field(None, max_length=40)
    group: str | None = Field(None, max_length=64)
    verdict: str | None = Field(None, max_length=40)
    hidden: bool | None = None
    since: int | None = Field(None, alias="from", ge=EARLIEST_MS, le=LATEST_MS)
    until: int | None = Field(None, alias="to", ge=EARLIEST_MS, le=LATEST_MS)
    text: str | None = Field(None, max_length=120)
    limit: int = Field(100, ge=1, le=500)
    cursor: str | None = Field(None, max_length=200)

    def cut(self) -> Cut:
        """The same as the store understands it."""
        return Cut(
            self.state,
            self.domain,
            self.severity,
            self.site,
            self.quantity,
            self.family,
            self.phase,
            self.group,
            self.verdict,
            self.hidden,
            self.since,
            self.until,
            self.text,
        )
