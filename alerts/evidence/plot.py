"""The readings behind a finding as one SVG picture: a panel for each series, the finding's span shaded. Pure."""

from collections.abc import Callable, Mapping, Sequence
from html import escape
from itertools import pairwise

from records.history import Point

WIDTH, HEIGHT, LEFT, RIGHT, GAP = 960, 180, 80, 20, 40

#: Values other than N are drawn in another colour and as crosses, so that it does not depend on colour alone.
INK, MARK, SHADE, LINE = "#1f4e79", "#b8442c", "#f3d9a4", "#888888"
MOST = 1600


def svg(
    series: Mapping[str, Sequence[Point]],
    span: tuple[int, int],
    shaded: tuple[int, int],
    lines: Mapping[str, float],
    clock_of: Mapping[int, str],
) -> str:
    """Panels over ``span`` (ms UTC); ``lines`` are levels by series, ``clock_of`` the two ends of the span as read."""
    panels = [
        _panel(name, points, span, shaded, lines.get(name), place * (HEIGHT + GAP) + GAP)
        for place, (name, points) in enumerate(series.items())
    ]
    height = len(panels) * (HEIGHT + GAP) + GAP
    ends = "".join(
        f'<text x="{x}" y="{height - 12}" text-anchor="{anchor}">{escape(clock_of[time])}</text>'
        for x, anchor, time in ((LEFT, "start", span[0]), (WIDTH - RIGHT, "end", span[1]))
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" '
        f'font-size="12"><rect width="100%" height="100%" fill="white"/>{"".join(panels)}{ends}</svg>\n'
    )


def _panel(
    name: str, points: Sequence[Point], span: tuple[int, int], shaded: tuple[int, int], line: float | None, top: int
) -> str:
    values = [point.value for point in points if point.value is not None]
    head = f'<text x="{LEFT}" y="{top - 6}">{escape(name)}</text>'
    frame = f'<rect x="{LEFT}" y="{top}" width="{WIDTH - LEFT - RIGHT}" height="{HEIGHT}" fill="none" stroke="{LINE}"/>'
    if not values:
        return head + frame + f'<text x="{LEFT + 10}" y="{top + HEIGHT / 2}">无数据 / no data</text>'
    known = [*values, *([line] if line is not None else [])]
    low, high = min(known), max(known)
    room = (high - low) * 0.05 or max(abs(high) * 0.05, 1.0)
    low, high = low - room, high + room

    def x(time: int) -> float:
        share = (time - span[0]) / max(1, span[1] - span[0])
        return round(LEFT + min(1.0, max(0.0, share)) * (WIDTH - LEFT - RIGHT), 1)

    def y(value: float) -> float:
        return round(top + (high - value) / (high - low) * HEIGHT, 1)

    shade = (
        f'<rect x="{x(shaded[0])}" y="{top}" width="{max(1.0, x(shaded[1]) - x(shaded[0]))}" height="{HEIGHT}" '
        f'fill="{SHADE}"/>'
    )
    scale = "".join(
        f'<text x="{LEFT - 6}" y="{y(each) + 4}" text-anchor="end">{each:.4g}</text>'
        for each in (min(values), max(values))
    )
    level = ""
    if line is not None:
        at = f'x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(line)}" y2="{y(line)}"'
        level = f'<line {at} stroke="{MARK}" stroke-dasharray="6 4"/>'
    kept = points[:: max(1, len(points) // MOST)]
    return head + shade + frame + scale + level + _curve(kept, x, y)


def _curve(points: Sequence[Point], x: Callable[[int], float], y: Callable[[float], float]) -> str:
    """Polylines that break at holes, and a cross on each value that its instrument marks."""
    usual = sorted(after.time - before.time for before, after in pairwise(points))
    hole = 5 * usual[len(usual) // 2] if usual else 0
    pieces: list[list[str]] = [[]]
    crosses, last = [], 0
    for point in points:
        if point.value is None:
            continue
        if pieces[-1] and point.time - last > hole:
            pieces.append([])
        at, last = f"{x(point.time)},{y(point.value)}", point.time
        pieces[-1].append(at)
        if point.flag != "N":
            crosses.append(f'<text x="{x(point.time)}" y="{y(point.value)}" fill="{MARK}" font-size="8">×</text>')
    curves = [f'<polyline points="{" ".join(each)}" fill="none" stroke="{INK}"/>' for each in pieces if each]
    return "".join(curves + crosses)
