"""Who acts: the one place from which every action of the desk takes its name."""

from fastapi import Request
from pydantic import BaseModel, Field

from alerts.accounts.identity import identity_of
from alerts.accounts.refusal import Refused
from topics.finding import Text

NAMELESS = Text("请填写姓名", "who acts: expected a name")


class Said(BaseModel):
    """What every action on an alarm carries: what they who act have to say, and at the open desk who they are."""

    who: str = Field(default="", max_length=80)
    note: str = Field(default="", max_length=2000)


def acting(request: Request, body: Said) -> str:
    """The name that goes into the log for this request.

    Whoever is signed in acts under the own name, whatever the body says; only at the open desk, where nobody is
    known, does the body say who acts, and must (``Refused``, 422).
    """
    identity = identity_of(request)
    if identity.signed_in:
        return identity.shown or identity.name
    if not body.who.strip():
        raise Refused(422, NAMELESS, "nameless")
    return body.who.strip()
