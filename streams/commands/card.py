"""`citybrain card`: what stands near a point, for a terminal, a pipe, or as the file that prints."""

import json
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlencode

import typer
from rich.box import SIMPLE
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from streams.commands.cargo_shown import clock
from streams.commands.cluster import AsJson
from streams.server_client import ServerClient
from streams.settings import load_settings


def command(
    lat: Annotated[float | None, typer.Option(min=-90, max=90, help="latitude, WGS-84")] = None,
    lon: Annotated[float | None, typer.Option(min=-180, max=180, help="longitude, WGS-84")] = None,
    at: Annotated[str | None, typer.Option(help="a past moment: 2015-08-12T22:51:46 in the city, or ms UTC")] = None,
    site: Annotated[str | None, typer.Option(help="a site instead of a point")] = None,
    block: Annotated[str | None, typer.Option(help="a block of that site")] = None,
    container: Annotated[str | None, typer.Option(help="where this container stood")] = None,
    alarm: Annotated[str | None, typer.Option(help="where this alarm is")] = None,
    rules_as_of: Annotated[
        str | None, typer.Option(help="whose rules judge: a day such as 2015-08-12, or then; default today")
    ] = None,
    save: Annotated[Path | None, typer.Option(help="write the page that prints into this file")] = None,
    language: Annotated[str, typer.Option("--lang", help="language of that page: zh or en")] = "zh",
    server: Annotated[str | None, typer.Option("--server", help="the alert server")] = None,
    as_json: AsJson = False,
) -> None:
    if not (site or container or alarm or (lat is not None and lon is not None)):
        raise typer.BadParameter("expected --lat and --lon, or --site, --container or --alarm")
    asked = {
        name: value
        for name, value in (
            ("lat", lat), ("lon", lon), ("at", at), ("site", site), ("block", block),
            ("container", container), ("alarm", alarm), ("rules_as_of", rules_as_of),
        )
        if value is not None
    }  # fmt: skip
    client = ServerClient(load_settings(), server)
    if save is not None:
        save.write_bytes(client.fetch(f"/responder-card?{urlencode(asked | {'download': 1, 'lang': language})}"))
    card = client.get("/api/responder-card", **asked)
    if as_json:
        print(json.dumps(card, ensure_ascii=False))
    else:
        _tell(Console(highlight=False), card)


def _tell(console: Console, card: dict[str, Any]) -> None:
    spot, near = card["spot"], card["near"]
    console.print(escape(f"{spot['title']['en']} ({spot['lat']:.5f}, {spot['lon']:.5f})"), style="bold")
    for line in (card["rules"]["text"]["en"], *map(_graded, card["yards"])):
        console.print(escape(line))
    for line in _cautions(card):
        console.print(escape(line), style="bold", soft_wrap=True)
    dry = [each for each in near["substances"] if each["no_water"]]
    for each in dry:
        places = ", ".join(f"{box['place']} ({box['away_m']:g} m)" for box in each["boxes"][:5])
        console.print(
            escape(f"NO WATER  UN {each['un']} {each['title']['en']}, {each['mass_t']:g} t: {places}"), soft_wrap=True
        )
    console.print(_substances(near))
    console.print(escape(_wind(card["wind"])), soft_wrap=True)
    for each in card["people"]:
        many = "number not known" if each["people"] is None else str(each["people"])
        console.print(escape(f"people: {each['title']['en']}, {many}, {each['away_m']:g} m at {each['bearing']:g}°"))
    for each in card["contacts"]:
        console.print(escape(f"call: {each['title']['en']} {each['phone']}"))


def _substances(near: dict[str, Any]) -> Table:
    """The goods by distance, in tonnes. Words fold, numbers never: one that is cut is another number."""
    table = Table(Column("goods", overflow="fold"), box=SIMPLE, padding=(0, 1, 0, 0), pad_edge=False)
    for head in ("50 m", "100 m", "200 m", "500 m", "nearest"):
        table.add_column(head, justify="right", no_wrap=True)
    table.add_column("downwind", justify="right", overflow="fold")
    for each in near["substances"]:
        kinds = ", ".join(each["subsidiary"])
        kind = each["hazard_class"] + (f" ({kinds})" if kinds else "")
        water = {True: ", NO WATER", False: "", None: ", water not known"}[each["no_water"]]
        ems = each["ems"] or "not known"
        masses = [ring["masses_t"].get(each["un"]) for ring in near["rings"]]
        down = each["downwind_boxes"]
        table.add_row(
            escape(f"{each['un']} {each['title']['en']}, class {kind}, EmS {ems}{water}"),
            *("" if mass is None else f"{mass:g}" for mass in masses),
            f"{each['boxes'][0]['away_m']:g} m", "not known" if down is None else str(down),
        )  # fmt: skip
    return table


def _graded(yard: dict[str, Any]) -> str:
    hazard = yard["hazard"]
    if hazard is None:
        return f"{yard['title']['en']}: not graded"
    said = f"grade {hazard['grade']}" if hazard["grade"] else "no major hazard source"
    return f"{yard['title']['en']}: {said} (S {hazard['s']:g}, R {hazard['r']:g}, {hazard['standard']})"


def _cautions(card: dict[str, Any]) -> list[str]:
    near = card["near"]
    found = [each["en"] for each in card["problems"]]
    if card["behind"] != 0:
        left = "not read yet" if card["behind"] is None else f"{card['behind']} events behind"
        found.append(f"the yards are {left}: boxes may be missing")
    if card["not_yet"] is not None:
        found.append("the moment asked for has not come yet: what will stand there is not known; this is now")
    if card["later_events"] and not card["past"]:
        found.append(f"{card['later_events']} events are dated later than now: they are not counted")
    if not card["spot"]["exact"]:
        found.append("the exact place is not known: distances are from the site's registered point")
    if near["unplaced"]["boxes"]:
        found.append(f"{near['unplaced']['boxes']} boxes stand nobody knows where in a yard nearby")
    if unknown := near["rings"][-1]["unknown"]:
        found.append(f"boxes of unknown goods: {', '.join(unknown)}")
    return found


def _wind(wind: dict[str, Any] | None) -> str:
    if wind is None:
        return "wind: not known"
    spread = "" if wind["spread_deg"] is None else f", spread {wind['spread_deg']:.0f}°"
    mean = f"mean of {wind['minutes']} of {wind['of_minutes']} min{spread}"
    measured = f"{mean}, measured at {clock(wind['time'])} by {wind['site']}, {wind['away_m'] / 1000:.1f} km"
    if wind["calm"]:
        return f"wind: calm, nothing is said of downwind; {measured}"
    if wind["variable"]:
        return f"wind: variable, nothing is said of downwind; {measured}"
    speed = "speed not known" if wind["speed_ms"] is None else f"{wind['speed_ms']:g} m/s"
    return f"wind from {wind['from_deg']:g}° ({wind['point']['en'].lower()}), {speed}; {measured}"
