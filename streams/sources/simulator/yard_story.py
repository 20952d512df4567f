"""From a script's stock lines to the yard's events: declared, through the gate, stacked, moved, out. Pure."""

import math
from collections.abc import Mapping, Sequence

from streams.sources.simulator.script_lines import Move, ScriptLine, Seen, Stock, ms
from topics.errors import ConfigurationError
from topics.events import Declared, Event, GateIn, GateOut, Goods, Observed, SensorFitted, Stacked
from topics.goods import GoodsEntry, load_goods

MINUTE_MS = 60_000
HOUR_MS = 3_600_000

#: A declaration comes a day before its box (ports ask for 24 h); a box is stacked soon after the gate.
DECLARED_BEFORE_MS = 24 * HOUR_MS
STACKED_AFTER_MS = 12 * MINUTE_MS
#: A sensor is fitted once the box stands.
FITTED_AFTER_MS = 15 * MINUTE_MS

#: Who answers the telephone in every simulated declaration.
CONTACT = "模拟应急电话 / simulated contact"


def yard_events(lines: Sequence[ScriptLine], goods: Mapping[str, GoodsEntry] | None = None) -> list[Event]:
    """All cargo events of a script in the order of event time. Ids are the same each time."""
    goods = load_goods() if goods is None else goods
    events: list[Event] = []
    stocks = {line.id: line for line in lines if isinstance(line, Stock)}
    for line in lines:
        if isinstance(line, Stock):
            for number in range(line.boxes):
                events += _journey(line, number, goods)
        elif isinstance(line, Move):
            events.append(_moved(line, stocks))
        elif isinstance(line, Seen):
            events.append(Observed(line.id, line.site, ms(line.at), line.what, line.by, line.subject))
    return sorted(events, key=lambda event: (event.time, event.id))


def container(line: Stock, number: int) -> str:
    """The box's number: four letters (SIM = simulated, U = freight container) and seven digits."""
    digits = (sum(ord(letter) * (place + 7) for place, letter in enumerate(line.id)) * 131) % 10_000
    return f"SIMU{digits:04d}{number:03d}"


def _journey(line: Stock, number: int, goods: Mapping[str, GoodsEntry]) -> list[Event]:
    name = container(line, number)
    came = _arrival(line, number)
    cargo = _goods(line, number, goods)
    declaration = f"SIM-{line.id}-{number:03d}"
    said = came - DECLARED_BEFORE_MS if line.declared else None
    if line.papers is not None:
        said = ms(line.papers)
    events: list[Event] = []
    if said is not None:
        events.append(
            Declared(f"{declaration}-d", line.site, said, declaration, name, (cargo,), line.consignor, CONTACT)
        )
    events.append(GateIn(f"{declaration}-i", line.site, came, name, declaration if line.declared else ""))
    per_row = line.tiers
    per_bay = line.rows * per_row
    place = (line.bay + number // per_bay, line.row + number % per_bay // per_row, 1 + number % per_row)
    events.append(Stacked(f"{declaration}-s", line.site, came + STACKED_AFTER_MS, name, line.block, *place))
    if number < len(line.sensors):
        fitted = came + FITTED_AFTER_MS
        events.append(SensorFitted(f"{declaration}-f", line.site, fitted, name, line.sensors[number]))
    if line.stay_h is not None:
        left = came + round(line.stay_h * HOUR_MS)
        events.append(GateOut(f"{declaration}-o", line.site, left, name))
    return events


def _arrival(line: Stock, number: int) -> int:
    first, last = ms(line.first), ms(line.last)
    if line.boxes == 1:
        return first
    return (first + (last - first) * number // (line.boxes - 1)) // 1000 * 1000


def _goods(line: Stock, number: int, goods: Mapping[str, GoodsEntry]) -> Goods:
    entry = goods.get(line.un)
    if entry is None:
        raise ConfigurationError(f"scenario line {line.id}: expected a UN number of the goods list, got {line.un!r}")
    # Whole kilograms, the last box takes what is left, so that the line's mass is kept exactly.
    whole = round(line.mass_t * 1000)
    part = math.floor(whole / line.boxes)
    kilograms = whole - part * (line.boxes - 1) if number == line.boxes - 1 else part
    return Goods(
        entry.un, entry.title.en, entry.hazard_class, kilograms / 1000, entry.subsidiary, entry.packing_group,
        control_c=line.control_c, emergency_c=line.emergency_c,
    )  # fmt: skip


def _moved(line: Move, stocks: Mapping[str, Stock]) -> Stacked:
    stock = stocks.get(line.stock)
    if stock is None or not 0 <= line.box < stock.boxes:
        raise ConfigurationError(
            f"scenario line {line.id}: expected a box of a stock line, got {line.stock} {line.box}"
        )
    name = container(stock, line.box)
    return Stacked(line.id, stock.site, ms(line.at), name, line.block, line.bay, line.row, line.tier)
