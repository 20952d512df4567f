"""From the yard's events to the steps of a declaration's box: which declaration an event is of, and what it says."""

from collections.abc import Sequence

import sqlalchemy as sa

from alerts.custody.asking import parts_of
from alerts.declarations import tables
from alerts.declarations.desk import Declarations
from alerts.kept_from_log import KeptFromLog
from records.declaration_events import Seen, Step
from records.declaration_life import Declaration
from topics.events import Event, GateIn, GateOut, Inspected, Stacked

BoxEvent = GateIn | Stacked | Inspected | GateOut


class BoxSteps(KeptFromLog):
    """Takes what gate and yard report into the declarations at the desk; boxes nobody declared here are passed over."""

    def __init__(self, declarations: Declarations) -> None:
        super().__init__(declarations.store)
        self.declarations = declarations

    def take(self, events: Sequence[Event], topic: str = "", partition: int = 0, next_offset: int = 0) -> list[str]:
        """The numbers of the declarations that took a step. An event that comes again changes nothing; only when all
        are taken is it noted where to read on.
        """
        boxes = [each for each in events if isinstance(each, GateIn | Stacked | Inspected | GateOut)]
        declared = self._declared({each.container for each in boxes})
        changed = []
        for event in boxes:
            number = self._number(event, declared.get((event.site, event.container), []))
            if number:
                self.declarations.act(number, seen(event))
                changed.append(number)
        if topic:
            self.store.write(lambda connection: self._reached(connection, topic, partition, next_offset))
        return changed

    def _declared(self, containers: set[str]) -> dict[tuple[str, str], list[str]]:
        """Numbers of declarations by site and container, the youngest first."""
        table = tables.declaration.c
        found: dict[tuple[str, str], list[str]] = {}
        with self.store.read() as connection:
            for part in parts_of(sorted(containers)):
                asked = sa.select(table.site, table.container, table.id).where(table.container.in_(part))
                for row in connection.execute(asked.order_by(table.entered.desc(), table.id)):
                    found.setdefault((row.site, row.container), []).append(row.id)
        return found

    def _number(self, event: BoxEvent, numbers: Sequence[str]) -> str:
        """The one the gate named; else the youngest that was entered before the event and whose box has not left
        before it, one whose box is here going before one whose box is awaited, unless it is just coming.
        """
        if isinstance(event, GateIn) and event.declaration:
            return event.declaration if event.declaration in numbers else ""
        fitting = [
            (number, known) for number in numbers if _fits(known := self.declarations.declaration(number), event)
        ]
        here = [number for number, known in fitting if known.came is not None and known.came <= event.time]
        if here and not isinstance(event, GateIn):
            return here[0]
        return fitting[0][0] if fitting else ""


def seen(event: BoxEvent) -> Seen:
    """What an event says of its box."""
    match event:
        case GateIn():
            weight = f"{event.gross_t:g} t" if event.gross_t is not None else ""
            return Seen(event.time, event.id, "gate-in", detail=weight)
        case Stacked():
            return Seen(event.time, event.id, "stacked", (event.block, event.bay, event.row, event.tier))
        case Inspected():
            step: Step = "opened" if event.opened else "inspected"
            found = ", ".join(f"UN {line.un}" for line in event.goods)
            weight = f"{event.gross_t:g} t" if event.gross_t is not None else ""
            return Seen(event.time, event.id, step, detail=" · ".join(filter(None, (event.by, found, weight))))
        case GateOut():
            return Seen(event.time, event.id, "loaded" if event.aboard else "gate-out", detail=event.aboard)


def _fits(declaration: Declaration, event: BoxEvent) -> bool:
    left = next((each.time for each in declaration.seen if each.step in ("loaded", "gate-out")), None)
    taken_back = declaration.cancelled is not None and declaration.cancelled <= event.time and not declaration.seen
    again = any(each.event == event.id for each in declaration.seen)
    return again or (
        declaration.versions[0].time <= event.time and not taken_back and (left is None or event.time <= left)
    )
