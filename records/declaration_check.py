"""The seam between the desk and the rules by which a declaration is looked at when it is entered.

The rules themselves (detectors/rules/declaration.py, declared_goods.py) are wired to it in streams/declaring.py.
"""

import datetime as dt
from collections.abc import Callable

import msgspec

from records.declaration_form import Form
from topics.domain import Domain
from topics.editions import Edition
from topics.finding import Text

#: The ``table`` of the edition that is the pack itself, whose ``name`` is the domain's.
PACK = "pack"


class Ground(msgspec.Struct, frozen=True):
    """Why a declaration cannot be taken: the rule's name and its sentence."""

    rule: str
    text: Text


class CheckedBy(msgspec.Struct, frozen=True):
    """By what a form was looked at: the rules of the day ``as_of`` (of the city), in these editions."""

    as_of: dt.date
    editions: tuple[Edition, ...]


class Checked(msgspec.Struct, frozen=True):
    """``grounds`` forbid to take it; ``doubts`` are for the authorities to weigh; ``by`` which rules said so."""

    by: CheckedBy
    grounds: tuple[Ground, ...] = ()
    doubts: tuple[Text, ...] = ()


#: Looks at a form by a pack. The numbers are when its operation was first declared, and now, whose day's rules hold
#: (both ms UTC, city time).
Check = Callable[[Domain, Form, int, int], Checked]
