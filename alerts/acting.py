"""Who acts, and when: the one place from which every act over HTTP takes its name and its moment."""

from fastapi import Request
from pydantic import BaseModel, Field

from alerts.accounts.identity import identity_of
from alerts.accounts.refusal import Refused
from alerts.alarm_row import storable
from alerts.city import City
from records.refused import Refused as NotNow
from topics.finding import Text

NAMELESS = Text("请填写姓名", "who acts: expected a name")
NO_CITY_TIME = Text(
    "城市时间尚未开始，请稍后再试", "no city time yet: what is done bears city time, and its clocks run in it"
)


class By(BaseModel):
    """What every body of an act carries: ``who`` acts, where there are no accounts."""

    who: str = Field(default="", max_length=80)


class Said(By):
    """What every action on an alarm carries: who, and what they have to say."""

    note: str = Field(default="", max_length=2000)


def acting(request: Request, who: str) -> str:
    """The name that goes into the log for this request.

    Whoever is signed in acts under the own name, whatever the body says; only at the open desk, where nobody is
    known, does the body say who acts, and must (``Refused``, 422).
    """
    identity = identity_of(request)
    name = (identity.shown or identity.name) if identity.signed_in else who.strip()
    if not name:
        raise Refused(422, NAMELESS, "nameless")
    return storable(name)


def city_now(city: City) -> int:
    """City time (ms UTC), in which everything that people enter is kept. Raises ``Refused`` (409) before it runs."""
    if not city.time:
        raise NotNow(NO_CITY_TIME)
    return city.time
