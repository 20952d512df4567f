"""Events found by what they say: a declaration of error without the name of its event is otherwise identical to it
(EPCIS 2.0 7.4.1.2), so both have one hash of their content.
"""

from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa

from alerts.custody import tables
from alerts.custody.asking import many
from alerts.store import Store
from records.custody import Facts, facts
from topics.events import Custody

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


def is_wrong(store: Store, event: str) -> bool:
    """Whether an event of the store has been declared wrong."""
    table = tables.custody_event.c
    with store.read() as connection:
        return bool(connection.execute(sa.select(table.retracted).where(table.id == event)).scalar())


def found_wrong(connection: sa.Connection, events: Sequence[Custody]) -> set[str]:
    """The events of the store that declarations among ``events`` declare wrong, and that it has marked as wrong."""
    declared = [facts(each) for each in events if "errorDeclaration" in each.epcis]
    declarations = [each for each in declared if each.retracts]
    if not declarations:
        return set()
    event = tables.custody_event.c
    asked = sa.select(event.id).where(event.retracts == "", event.retracted)
    found = _among(connection, asked, {each.content for each in declarations if each.content})
    named = many(connection, event.id, asked.where, {each.retracts for each in declarations})
    return found | {name for (name,) in named}


def _among(connection: sa.Connection, asked: sa.Select[Any], contents: Collection[str]) -> set[str]:
    ordered = sorted(contents)
    found: set[str] = set()
    for at in range(0, len(ordered), AT_ONCE):
        part = asked.where(tables.custody_event.c.content.in_(ordered[at : at + AT_ONCE]))
        found |= set(connection.execute(part).scalars())
    return found
