"""The seam between the desk and the rules by which a declaration is looked at when it is entered.

The rules themselves (detectors/rules/declaration.py, declared_goods.py) are wired to it in streams/declaring.py.
"""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from records.declaration_form import Form
from topics.finding import Text


class Ground(msgspec.Struct, frozen=True):
    """Why a declaration cannot be taken: the rule's name and its sentence."""

    rule: str
    text: Text


class Checked(msgspec.Struct, frozen=True):
    """``grounds`` forbid to take it; ``doubts`` are for the authorities to weigh."""

    grounds: tuple[Ground, ...] = ()
    doubts: tuple[Text, ...] = ()


#: Looks at a form by a pack's facts; the ``int`` is when its operation was first declared (ms UTC, city time).
Check = Callable[[Mapping[str, Any], Form, int], Checked]
