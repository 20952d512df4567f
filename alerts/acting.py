"""Who acts: the one place from which every action of the desk takes its name."""

from fastapi import Request
from pydantic import BaseModel, Field, field_validator


class Said(BaseModel):
    """What every action on an alarm carries: who acts, and what they have to say."""

    who: str = Field(min_length=1, max_length=80)
    note: str = Field(default="", max_length=2000)

    @field_validator("who")
    @classmethod
    def named(cls, who: str) -> str:
        if not who.strip():
            raise ValueError("expected a name, got only spaces")
        return who.strip()


def acting(request: Request, body: Said) -> str:
    """The name that goes into the log for this request.

    There are no accounts yet, so it is the name the caller gives; ``request`` is what a signed-in identity comes from.
    """
    return body.who
