"""What `citybrain cargo` shows of containers, trips and carriers on a terminal."""

import datetime as dt
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from topics.city_zone import CITY_ZONE


def show_container(console: Console, found: dict[str, Any]) -> None:
    """Where it is and was, hand by hand."""
    now = found["now"]
    when = clock(found["at"]) if found["at"] else "now"
    console.print(escape(f"{found['container']} {when}: {hand(now) if now else 'not known'}"), style="bold")
    if now and now["position"]:
        console.print(escape(f"at {place(now['position'])}"))
    table = Table("since", "until", "with", "place", "evidence")
    for each in found["line"]:
        proofs = ", ".join(f"{proof['kind']} {proof['id']}" for proof in each["evidence"])
        where = each["place"] or place(each["position"])
        table.add_row(clock(each["since"]), clock(each["until"]), escape(hand(each)), escape(where), escape(proofs))
    console.print(table)


def show_trip(console: Console, found: dict[str, Any]) -> None:
    """Its paper, where it is and what was found."""
    waybill, track = found["waybill"], found["track"]
    way = f"{waybill.get('origin') or '–'} → {waybill.get('destination') or '–'}"
    console.print(escape(f"{waybill['id']}  {waybill['carrier']}  {way}"), style="bold")
    if track:
        last = dict(zip(("time", "lat", "lon"), track[-1], strict=False))
        console.print(escape(f"last seen at {place(last)}, {len(track)} points of its track are kept"))
    table = Table("opened", "closed", "severity", "what")
    for each in found["findings"]:
        table.add_row(clock(each["opened"]), clock(each["closed"]), each["severity"], escape(each["text"]["en"]))
    console.print(table if found["findings"] else "nothing was found on this trip")


def show_carrier(console: Console, found: dict[str, Any]) -> None:
    """Where it was last seen and its trips."""
    console.print(escape(f"{found['carrier']}: {place(found['position'])}"), style="bold")
    table = Table("waybill", "departs", "ended", "from", "to", "goods")
    for each in found["trips"]:
        goods = ", ".join(f"UN {un}" for un in each["un"])
        cells = (each["id"], clock(each["departs"]), clock(each["ended"]), each["origin"], each["destination"], goods)
        table.add_row(*(escape(cell) for cell in cells))
    console.print(table)


def show_carriers(console: Console, found: dict[str, Any]) -> None:
    """All of them, with what is wrong."""
    table = Table("carrier", "waybill", "goods", "last seen", "alarms")
    for each in found["items"]:
        trip = each["trip"]
        goods = ", ".join(f"UN {un}" for un in trip["un"]) if trip else ""
        alarms = "; ".join(f"{alarm['severity']}: {alarm['text']['en']}" for alarm in each["alarms"])
        cells = (each["carrier"], trip["id"] if trip else "–", goods, place(each["position"]), alarms)
        table.add_row(*(escape(cell) for cell in cells))
    console.print(table)


def hand(each: dict[str, Any]) -> str:
    """Who holds it."""
    return f"{each['kind_title']['en']} {each['title']['en']}".strip()


def place(position: dict[str, Any] | None) -> str:
    """A position and when it was."""
    if position is None:
        return "not known"
    return f"{position['lat']:.5f}, {position['lon']:.5f} ({clock(position['time'])})"


def clock(time_ms: int | None) -> str:
    """A moment in the city's zone."""
    if time_ms is None:
        return "–"
    return dt.datetime.fromtimestamp(time_ms / 1000, CITY_ZONE).strftime("%m-%d %H:%M:%S")
