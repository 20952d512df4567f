"""What is sent when somebody acts on an accident. Times are ms UTC, money is CNY."""

from typing import Annotated, Literal

from pydantic import Field

from alerts.acting import By
from topics.reading import EARLIEST_MS, LATEST_MS

Moment = Annotated[int | None, Field(ge=EARLIEST_MS, le=LATEST_MS, description="ms UTC")]
Count = Annotated[int, Field(ge=0, le=1_000_000)]
AlarmId = Annotated[str, Field(min_length=1, max_length=64)]

MOST_ALARMS = 200


class OpenBody(By):
    """``site`` where the place is registered, else ``firm``, ``district`` and, as far as known, place and point."""

    title: str = Field(min_length=1, max_length=200)
    kind: str = Field(min_length=1, max_length=40)
    known: Moment = Field(None, description="when it became known; left out: now, in city time")
    occurred: Moment = Field(None, description="when it happened; left out: when it became known")
    site: str = Field("", max_length=80)
    domain: str = Field("", max_length=80)
    firm: str = Field("", max_length=200)
    district: str = Field("", pattern=r"^([0-9]{6})?$", description="GB/T 2260 code")
    place: str = Field("", max_length=300)
    lat: float | None = Field(None, ge=-90, le=90, description="WGS-84")
    lon: float | None = Field(None, ge=-180, le=180, description="WGS-84")
    text: str = Field("", max_length=4000)
    alarms: list[AlarmId] = Field(default_factory=list, max_length=MOST_ALARMS)


class ReportBody(By):
    """The figures are whole, not a difference; ``as_of`` is when they stood so, left out: now."""

    stage: Literal["initial", "follow-up", "final"]
    as_of: Moment = None
    deaths: Count = 0
    missing: Count = 0
    serious: Count = Field(0, description="acute poisoning included")
    minor: Count = 0
    loss_cny: float = Field(0.0, ge=0, le=1e12, allow_inf_nan=False)
    text: str = Field(min_length=1, max_length=8000)
    cause: str = Field("", max_length=8000)
    measures: str = Field("", max_length=8000)
    prepared: str = Field("", max_length=80)
    rescue_over: bool = False


class PassUpBody(By):
    """The newest report has gone on to the authority ``to``."""

    to: str = Field(min_length=1, max_length=80)
    text: str = Field("", max_length=1000, description="by telephone, file or which system, and who took it")


class LinkBody(By):
    """Alarms that turn out to belong to the case."""

    alarms: list[AlarmId] = Field(min_length=1, max_length=MOST_ALARMS)


class ExtendBody(By):
    """So many ``days`` more for the final report; ``text`` says who approved it and why."""

    days: int = Field(ge=1, le=366)
    text: str = Field(min_length=1, max_length=1000)


class WithdrawBody(By):
    """It was no accident of production, or is worked in another case, as ``text`` says."""

    text: str = Field(min_length=1, max_length=1000)
