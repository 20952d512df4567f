"""The lives of codes out of the store: what was said of each, of what carried it and of what it was made of."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from alerts.coding.tables import code_step
from alerts.custody.stored_links import StoredLinks
from alerts.custody.tables import custody_event
from records.coding.code_life import Fault, faults_of
from records.coding.steps import Step, code_of
from records.coding.terms import CodingTerms
from records.custody import END

AT_ONCE = 500
#: In how many boxes within each other goods are looked for: case, pallet, container, ship, and some.
DEEP = 6

_STEP = [code_step.c[each] for each in ("code", "name", "event", "time", "role", "site", "lot", "process")]


def concerned(connection: sa.Connection, names: Collection[str]) -> set[str]:
    """The codes of what bears these names, of what was ever in it, and of all that was ever made of any of these."""
    found, new = set(names), set(names)
    links = StoredLinks(connection)
    while new:
        rows = list(_steps(connection, code_step.c.code, {code_of(name) for name in new}))
        new |= {row.name for row in rows}  # what somebody else calls the same
        inside = {stay.other for stays in links.stays_by_name(new, containers=False).values() for stay in stays}
        processes = {row.process for row in rows if row.role == "used"}
        made = {row.name for row in _steps(connection, code_step.c.process, processes) if row.role == "made"}
        found |= new
        new = (inside | made) - found
    return {code_of(name) for name in found}


def faults(connection: sa.Connection, codes: Collection[str], terms: CodingTerms) -> list[Fault]:
    """What is wrong in the lives of these codes; codes of carriers and of goods without a duty have none."""
    asked = {code for code in codes if terms.subject(code)}
    own: dict[str, list[Step]] = defaultdict(list)
    for row in _steps(connection, code_step.c.code, asked):
        own[row.code].append(row)
    carried = _carried(connection, own)
    coded = _coded(connection, own)
    found: list[Fault] = []
    for code, steps in own.items():
        if code:
            found += faults_of([*steps, *carried.get(code, ())], made_coded=code in coded)
        else:  # nobody can tell these goods from each other: each sale stands alone
            found += (fault for step in steps for fault in faults_of([step]))
    return found


def _steps(connection: sa.Connection, by: sa.ColumnElement[str], names: Collection[str]) -> Iterator[Step]:
    """The steps whose ``by`` is one of these, of events that were not declared wrong."""
    right = sa.exists().where(custody_event.c.id == code_step.c.event, custody_event.c.retracted)
    asked = sa.select(*_STEP).where(sa.not_(right))
    for row in _many(connection, lambda part: asked.where(by.in_(part)), names):
        yield Step(**row._mapping)


def _many(
    connection: sa.Connection, asked: Callable[[Sequence[str]], sa.Select[Any]], names: Collection[str]
) -> Iterator[Any]:
    ordered = sorted(names)
    for at in range(0, len(ordered), AT_ONCE):
        yield from connection.execute(asked(ordered[at : at + AT_ONCE])).all()


def _carried(connection: sa.Connection, own: Mapping[str, Sequence[Step]]) -> dict[str, list[Step]]:
    """What was said of the carriers of each code while it was in them, as if it were said of the code."""
    windows = _windows(connection, {code: {step.name for step in steps} for code, steps in own.items()})
    carriers = {code_of(holder) for each in windows.values() for holder, _, _ in each}
    said: dict[str, list[Step]] = defaultdict(list)
    for step in _steps(connection, code_step.c.code, carriers):
        said[step.code].append(step)
    found: dict[str, list[Step]] = {}
    for code, each in windows.items():
        seen = {step.event for step in own[code]}
        steps = {
            step.event: step
            for holder, start, end in each
            for step in said.get(code_of(holder), ())
            if start <= step.time < end and step.event not in seen
        }
        found[code] = [msgspec.structs.replace(step, code=code, lot=False) for step in steps.values()]
    return found


def _windows(connection: sa.Connection, names: Mapping[str, Collection[str]]) -> dict[str, list[tuple[str, int, int]]]:
    """Which carriers each code was in and when, and what these were in meanwhile."""
    links = StoredLinks(connection)
    found: dict[str, list[tuple[str, int, int]]] = defaultdict(list)
    front = {code: [(name, 0, END) for name in each if name] for code, each in names.items()}
    for _ in range(DEEP):
        stays = links.stays_by_name({name for each in front.values() for name, _, _ in each}, containers=True)
        front = {code: _within(each, stays) for code, each in front.items()}
        front = {code: each for code, each in front.items() if each}
        if not front:
            break
        for code, each in front.items():
            found[code] += each
    return found


def _within(windows: Sequence[tuple[str, int, int]], stays: Mapping[str, Sequence[Any]]) -> list[tuple[str, int, int]]:
    found = []
    for name, start, end in windows:
        for stay in stays.get(name, ()):
            first, last = max(start, stay.start), min(end, stay.end)
            if first < last:
                found.append((stay.other, first, last))
    return found


def _coded(connection: sa.Connection, own: Mapping[str, Sequence[Step]]) -> set[str]:
    """Which of these were made of nothing but coded goods, however many makings ago."""
    inputs: dict[str, set[str]] = {}
    outputs: dict[str, set[str]] = defaultdict(set)
    coded: set[str] = set()
    new = {step.process for steps in own.values() for step in steps if step.role == "made"}
    while new:
        made = list(_steps(connection, code_step.c.process, new))
        for step in made:
            (inputs.setdefault(step.process, set()) if step.role == "used" else outputs[step.process]).add(step.code)
        sources = {step.code for step in made if step.role == "used"}
        before = list(_steps(connection, code_step.c.code, sources))
        coded |= {step.code for step in before if step.role == "code"}
        new = {step.process for step in before if step.role == "made"} - inputs.keys() - outputs.keys()
    known = -1
    while known != len(coded):
        known = len(coded)
        for process, of in inputs.items():
            if of <= coded:
                coded |= outputs[process]
    return coded
