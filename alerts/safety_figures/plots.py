"""The plots of the statistics as SVG: stacked columns and lines over the parts of a period. Pure.

They stand alone (no script, no style from elsewhere). What a column is made of is told by its place in the stack and
the legend, not by colour alone.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Any, Literal

from topics.city_zone import CITY_ZONE
from topics.finding import Text

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 640, 260, 60, 12, 58, 30
INK, SOFT, RULE, GROUND = "#16191b", "#3f4549", "#a9adb1", "#eceded"
#: Greys first: colour is kept for levels.
SHADES = ("#3f4549", "#8a9196", "#c3c8cc", "#6f1d7a")
DASHES = ("", "6 4", "2 3")

Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Layer:
    """One part of a column or one line: its name, how its value is read from a row, its colour ("" = a grey)."""

    title: Text
    value: Callable[[Mapping[str, Any]], float | None]
    colour: str = ""


@dataclass(frozen=True, slots=True)
class Plot:
    """``floor`` is where the axis begins at the latest; online rates are read near 100."""

    title: Text
    form: Literal["columns", "lines"]
    layers: Sequence[Layer]
    unit: str = ""
    floor: float = 0.0


#: The plots, in the order in which a page shows them.
NAMES = (
    "accidents",
    "deaths",
    "alarms",
    "alarm-rate",
    "online",
    "handling",
    "dangers",
    "visits",
    "commitments",
)


def plot_of(report: Mapping[str, Any], name: str) -> Plot:
    """One plot of a report. Raises ``LookupError`` for a name that is none."""
    if name == "accidents":
        return Plot(Text("事故起数（按等级）", "Accidents by grade"), "columns", _grades(report))
    if name == "alarms":
        return Plot(Text("报警（按级别）", "Alarms by level"), "columns", _levels(report))
    found = _PLAIN.get(name)
    if found is None:
        raise LookupError(f"plot: expected one of {', '.join(NAMES)}, got {name!r}")
    return found


def svg(plot: Plot, rows: Rows, unit: str, language: str) -> str:
    """The picture. ``unit`` is the period's (day, month, year): what its parts are called follows from it."""
    drawn = _columns(plot, rows) if plot.form == "columns" else _lines(plot, rows)
    title = _say(plot.title, language) + (f" / {plot.unit}" if plot.unit else "")
    head = f'<text x="{LEFT}" y="18" font-size="15" font-weight="600" fill="{INK}">{escape(title)}</text>'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-label="{escape(title)}" font-family="Noto Sans CJK SC, Microsoft YaHei, sans-serif" font-size="12">'
        f'<rect width="100%" height="100%" fill="{GROUND}"/>{head}{_legend(plot, language)}{_axis(plot, rows)}'
        f"{_parts(rows, unit)}{drawn}</svg>\n"
    )


def _grades(report: Mapping[str, Any]) -> list[Layer]:
    """The milder below; a grade bears the colour of the level that stands at its place."""
    colours, titles = list(report["titles"]["colours"].values()), report["titles"]["grades"]
    codes = [code for code in report["total"]["accidents_by_grade"] if code in titles]
    found = []
    for place, code in enumerate(codes):
        colour = colours[len(colours) - 1 - place] if place < len(colours) and code != "ungraded" else ""
        found.append(Layer(Text(**titles[code]), _inner("accidents_by_grade", code), colour))
    return found


def _levels(report: Mapping[str, Any]) -> list[Layer]:
    titles, colours = report["titles"]["severities"], report["titles"]["colours"]
    return [
        Layer(Text(**titles[code]), _inner("alarms_by_severity", code), colours[code])
        for code in reversed(list(titles))
    ]


def _inner(name: str, code: str) -> Callable[[Mapping[str, Any]], float | None]:
    return lambda row: float(row[name].get(code, 0))


def _figure(name: str, scale: float = 1.0) -> Callable[[Mapping[str, Any]], float | None]:
    return lambda row: None if row[name] is None else row[name] * scale


_PLAIN = {
    "deaths": Plot(
        Text("死亡、失踪与重伤人数", "Dead, missing and seriously injured"),
        "columns",
        [
            Layer(Text("死亡", "dead"), _figure("deaths")),
            Layer(Text("失踪", "missing"), _figure("missing")),
            Layer(Text("重伤", "seriously injured"), _figure("serious")),
        ],
    ),
    "alarm-rate": Plot(
        Text("报警率（每测点每日）", "Alarm rate, a point and day"),
        "lines",
        [Layer(Text("报警率", "alarm rate"), _figure("alarms_per_point_day"))],
    ),
    "online": Plot(
        Text("测点在线率", "Online rate of points"),
        "lines",
        [Layer(Text("在线率", "online rate"), _figure("online_percent"))],
        unit="%",
        floor=95.0,
    ),
    "handling": Plot(
        Text("报警处置用时", "Handling time of alarms"),
        "lines",
        [
            Layer(Text("中位数", "median"), _figure("handling_median_s", 1 / 60)),
            Layer(Text("90 分位", "p90"), _figure("handling_p90_s", 1 / 60)),
        ],
        unit="min",
    ),
    "dangers": Plot(
        Text("隐患：发现、整改、期末逾期", "Hidden dangers: found, put right, overdue at the end"),
        "lines",
        [
            Layer(Text("发现", "found"), _figure("dangers_found")),
            Layer(Text("整改", "put right"), _figure("dangers_rectified")),
            Layer(Text("逾期", "overdue"), _figure("dangers_overdue")),
        ],
    ),
    "visits": Plot(
        Text("检查：计划与完成", "Visits: planned and done"),
        "lines",
        [
            Layer(Text("计划", "planned"), _figure("visits_planned")),
            Layer(Text("完成", "done"), _figure("visits_done")),
        ],
    ),
    "commitments": Plot(
        Text("未按时安全承诺", "Commitments not given in time"),
        "columns",
        [Layer(Text("未按时", "not in time"), _figure("commitments_missing"))],
    ),
}


def _top(plot: Plot, rows: Rows) -> tuple[float, float]:
    """Lowest and highest value of the axis."""
    if plot.form == "columns":
        return 0.0, max((sum(each.value(row) or 0 for each in plot.layers) for row in rows), default=0.0) or 1.0
    values = [value for row in rows for each in plot.layers if (value := each.value(row)) is not None]
    low = min([plot.floor, *values])
    high = 100.0 if plot.floor else max(values, default=0.0)
    return low, high if high > low else low + 1.0


def _columns(plot: Plot, rows: Rows) -> str:
    low, high = _top(plot, rows)
    drawn = []
    for place, row in enumerate(rows):
        base, (x, width) = 0.0, _slot(place, len(rows))
        for number, layer in enumerate(plot.layers):
            value = layer.value(row) or 0.0
            if value:
                upper, lower = _y(base + value, low, high), _y(base, low, high)
                box = f'x="{x:.1f}" y="{upper:.1f}" width="{width:.1f}" height="{lower - upper:.1f}"'
                drawn.append(f'<rect {box} fill="{_colour(layer, number)}" stroke="{GROUND}" stroke-width="0.5"/>')
            base += value
    return "".join(drawn)


def _lines(plot: Plot, rows: Rows) -> str:
    low, high = _top(plot, rows)
    drawn = []
    for number, layer in enumerate(plot.layers):
        pieces: list[list[str]] = [[]]
        for place, row in enumerate(rows):
            value = layer.value(row)
            if value is None:
                pieces.append([])
                continue
            x, width = _slot(place, len(rows))
            at = f"{x + width / 2:.1f},{_y(value, low, high):.1f}"
            pieces[-1].append(at)
            cx, cy = at.split(",")
            drawn.append(f'<circle cx="{cx}" cy="{cy}" r="2" fill="{_colour(layer, number)}"/>')
        style = f'fill="none" stroke="{_colour(layer, number)}" stroke-width="1.6" stroke-dasharray="{_dash(number)}"'
        drawn += [f'<polyline points="{" ".join(piece)}" {style}/>' for piece in pieces if len(piece) > 1]
    return "".join(drawn)


def _legend(plot: Plot, language: str) -> str:
    drawn, x = [], float(LEFT)
    for number, layer in enumerate(plot.layers):
        words = _say(layer.title, language)
        if plot.form == "columns":
            drawn.append(f'<rect x="{x}" y="30" width="12" height="12" fill="{_colour(layer, number)}"/>')
        else:
            style = f'stroke="{_colour(layer, number)}" stroke-width="2" stroke-dasharray="{_dash(number)}"'
            drawn.append(f'<line x1="{x}" x2="{x + 14}" y1="36" y2="36" {style}/>')
        drawn.append(f'<text x="{x + 18}" y="41" fill="{SOFT}">{escape(words)}</text>')
        x += 34 + sum(12 if ord(each) > 0x2E80 else 6.6 for each in words)
    return "".join(drawn)


def _tick(value: float) -> str:
    """A value at an axis, at most as wide as the room left of it: eight characters."""
    return f"{value:.4g}" if abs(value) >= 1 else f"{value:.3g}"


def _axis(plot: Plot, rows: Rows) -> str:
    low, high = _top(plot, rows)
    drawn = []
    for value in (low, (low + high) / 2, high):
        y = _y(value, low, high)
        drawn.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="{RULE}"/>')
        drawn.append(f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end" fill="{SOFT}">{_tick(value)}</text>')
    return "".join(drawn)


def _parts(rows: Rows, unit: str) -> str:
    """The names of hours, days or months below, so many that they do not touch."""
    form = {"day": "%H", "month": "%d", "year": "%m"}[unit]
    every, drawn = max(1, len(rows) // 12), []
    for place, row in enumerate(rows):
        if place % every == 0:
            x, width = _slot(place, len(rows))
            name = datetime.fromtimestamp(row["start"] / 1000, CITY_ZONE).strftime(form)
            y = HEIGHT - 10
            drawn.append(f'<text x="{x + width / 2:.1f}" y="{y}" text-anchor="middle" fill="{SOFT}">{name}</text>')
    return "".join(drawn)


def _slot(place: int, count: int) -> tuple[float, float]:
    """Where the column of this place begins and how wide it is."""
    step = (WIDTH - LEFT - RIGHT) / max(1, count)
    return LEFT + place * step + step * 0.1, min(step * 0.8, 60.0)


def _y(value: float, low: float, high: float) -> float:
    return TOP + (high - value) / (high - low) * (HEIGHT - TOP - BOTTOM)


def _colour(layer: Layer, number: int) -> str:
    return layer.colour or SHADES[number % len(SHADES)]


def _dash(number: int) -> str:
    return DASHES[number % len(DASHES)]


def _say(text: Text, language: str) -> str:
    return text.zh if language == "zh" else text.en
