"""The three kinds of panel our walls have, and a grid that places them without overlap.

Calm by rule: grey while nothing needs action, colour only above a threshold or for a severity.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from grafana_foundation_sdk.builders import common as builders
from grafana_foundation_sdk.builders import dashboard as boards
from grafana_foundation_sdk.builders import prometheus, stat, timeseries
from grafana_foundation_sdk.models import common
from grafana_foundation_sdk.models import dashboard as models

#: The one data source of our walls is a variable, so that a wall fits any Grafana.
DATASOURCE = "datasource"
WIDTH = 24
CALM, ACT = "#8e8e8e", "#e87722"


@dataclass(frozen=True, slots=True)
class Query:
    """One PromQL expression and how its lines are called (Grafana's ``{{label}}``)."""

    expr: str
    legend: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """A panel: ``unit`` is Grafana's (s, bytes, short, …); ``act_above`` is from where it needs somebody.

    ``colours`` gives lines their own colour by name; ``number`` shows the last value large, else a curve is drawn.
    """

    title: str
    queries: tuple[Query, ...]
    unit: str = "short"
    width: int = 6
    height: int = 6
    number: bool = False
    act_above: float | None = None
    colours: tuple[tuple[str, str], ...] = ()
    empty: str = "–"


class Grid:
    """Places panels from left to right, row by row, and gives each its own id."""

    def __init__(self, board: boards.Dashboard) -> None:
        self.board = board
        self._id = self._x = self._y = self._height = 0

    def row(self, title: str) -> None:
        """Begin a new row under a heading."""
        self._break()
        heading = boards.Row(title).id(self._next()).grid_pos(models.GridPos(h=1, w=WIDTH, x=0, y=self._y))
        self.board.with_row(heading)
        self._y += 1

    def add(self, figures: Sequence[Figure]) -> None:
        """Place figures one after the other; one that does not fit begins the next line."""
        for figure in figures:
            if self._x + figure.width > WIDTH:
                self._break()
            position = models.GridPos(h=figure.height, w=figure.width, x=self._x, y=self._y)
            self.board.with_panel(_panel(figure).id(self._next()).grid_pos(position))
            self._x += figure.width
            self._height = max(self._height, figure.height)

    def _break(self) -> None:
        self._x, self._y, self._height = 0, self._y + self._height, 0

    def _next(self) -> int:
        self._id += 1
        return self._id


def datasource() -> models.DataSourceRef:
    """The data source variable of the wall."""
    return models.DataSourceRef(type_val="prometheus", uid=f"${{{DATASOURCE}}}")


def _panel(figure: Figure) -> stat.Panel | timeseries.Panel:
    panel = _number() if figure.number else _curve()
    panel.title(figure.title).unit(figure.unit).no_value(figure.empty).datasource(datasource()).thresholds(
        _steps(figure)
    )
    for place, query in enumerate(figure.queries):
        target = prometheus.Dataquery().expr(query.expr).ref_id(chr(ord("A") + place)).datasource(datasource())
        panel.with_target(target.instant() if figure.number else target.range().legend_format(query.legend))
    for name, colour in figure.colours:
        fixed = {"mode": "fixed", "fixedColor": colour}
        panel.override_by_name(name, [models.DynamicConfigValue(id_val="color", value=fixed)])
    return panel


def _number() -> stat.Panel:
    last = builders.ReduceDataOptions().calcs(["lastNotNull"]).values(False)
    return stat.Panel().reduce_options(last).graph_mode(common.BigValueGraphMode.NONE)


def _curve() -> timeseries.Panel:
    return timeseries.Panel().line_width(1).fill_opacity(0).span_nulls(False)


def _steps(figure: Figure) -> boards.ThresholdsConfig:
    steps = [models.Threshold(value=None, color=CALM)]
    if figure.act_above is not None:
        steps.append(models.Threshold(value=figure.act_above, color=ACT))
    return boards.ThresholdsConfig().mode(models.ThresholdsMode.ABSOLUTE).steps(steps)
