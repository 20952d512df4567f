"""What a request says that acts on alarms, beyond who acts and a note."""

from typing import Annotated

from pydantic import Field, model_validator

from alerts.acting import Said

#: No request acts on more alarms at once.
MOST_AT_ONCE = 500


class Shelving(Said):
    """For how long (``seconds``), or until the next return to normal (``one_shot``), and why."""

    seconds: Annotated[float | None, Field(gt=0, le=31_536_000)] = None
    one_shot: bool = False
    reason: str = Field(max_length=40)

    @model_validator(mode="after")
    def one_way(self) -> "Shelving":
        if (self.seconds is None) != self.one_shot:
            raise ValueError("expected either seconds or one_shot")
        return self


class Quieting(Said):
    """Why it is suppressed or out of service."""

    reason: str = Field(max_length=40)


class HandOver(Said):
    """To whom."""

    to: str = Field(min_length=1, max_length=80, pattern=r"\S")


class Comment(Said):
    """Something to be read with the alarm."""

    note: str = Field(min_length=1, max_length=2000, pattern=r"\S")


class Verdict(Said):
    """What it was: a code of ``verdicts`` in the vocabulary."""

    verdict: str = Field(max_length=40)


class Many(Said):
    """The alarms to acknowledge."""

    ids: list[Annotated[str, Field(min_length=1, max_length=64)]] = Field(min_length=1, max_length=MOST_AT_ONCE)
