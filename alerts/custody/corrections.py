"""Events found by what they say: a declaration of error without the name of its event is otherwise identical to it
(EPCIS 2.0 7.4.1.2), so both have one hash of their content.
"""

from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa

from alerts.custody import tables
from records.custody import Facts

#: How many contents stand in one question; declarations are few.
AT_ONCE = 500


def declared_wrong(connection: sa.Connection, new: Sequence[Facts]) -> set[str]:
    """The ids of those of these events whose content was declared wrong, by the store or among themselves."""
    event = tables.custody_event.c
    asked = sa.select(event.content).where(event.retracts != "")
    wrong = _among(connection, asked, {each.content for each in new if each.content})
    wrong |= {each.content for each in new if each.content and each.retracts}
    return {each.id for each in new if each.content in wrong and not each.retracts}


def said_in_store(connection: sa.Connection, new: Sequence[Facts]) -> set[str]:
    """The events of the store that say what declarations among ``new`` declare wrong, whatever they are called."""
    event = tables.custody_event.c
    asked = sa.select(event.id).where(event.retracts == "", sa.not_(event.retracted))
    return _among(connection, asked, {each.content for each in new if each.content and each.retracts})


def _among(connection: sa.Connection, asked: sa.Select[Any], contents: Collection[str]) -> set[str]:
    ordered = sorted(contents)
    found: set[str] = set()
    for at in range(0, len(ordered), AT_ONCE):
        part = asked.where(tables.custody_event.c.content.in_(ordered[at : at + AT_ONCE]))
        found |= set(connection.execute(part).scalars())
    return found
