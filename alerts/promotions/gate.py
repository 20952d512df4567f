"""The gate: what a candidate's report must show before it may be promoted. Pure but for reading the file."""

import hashlib
import tomllib
from importlib import resources
from pathlib import Path
from typing import Annotated, Any

import msgspec

from topics.errors import ConfigurationError
from topics.finding import Text

NotNegative = Annotated[float, msgspec.Meta(ge=0)]


class Gate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One gate file. Numbers of alarms are those of the whole domain; a rule that is left out does not hold.

    ``operators`` is how many people are on duty at a time.
    """

    least_hours: NotNegative = 0.0
    least_episodes: Annotated[int, msgspec.Meta(ge=0)] = 0
    most_additional_alarms_per_day: float | None = None
    most_alarms_per_operator_day: NotNegative | None = None
    operators: Annotated[int, msgspec.Meta(ge=1)] = 1
    most_lost_true: Annotated[int, msgspec.Meta(ge=0)] | None = None
    least_precision_gain: Annotated[float, msgspec.Meta(ge=-1, le=1)] | None = None
    most_cpu_share: NotNegative | None = None
    most_refused: Annotated[int, msgspec.Meta(ge=0)] | None = None


class Ruling(msgspec.Struct, frozen=True):
    """One rule of the gate: what it asks for, what the report shows (``None`` = nothing), whether that will do."""

    rule: str
    required: float
    got: float | None
    ok: bool
    text: Text


#: Rule, where its figure lies in the report, whether more is better, whether it holds where there is no figure,
#: and its name in both languages.
RULES: tuple[tuple[str, tuple[str, ...], bool, bool, Text], ...] = (
    ("least_hours", ("hours",), True, False, Text("影子运行时长（小时）", "hours in the shadow")),
    ("least_episodes", ("episodes",), True, False, Text("双方发现的事件数", "episodes of either side")),
    (
        "most_additional_alarms_per_day", ("alarms", "additional_per_day"), False, False,
        Text("每日新增报警", "additional alarms a day"),
    ),
    (
        "most_alarms_per_operator_day", ("alarms", "b_per_operator_day"), False, False,
        Text("每人每日报警", "alarms per operator-day"),
    ),
    ("most_lost_true", ("lost_true",), False, False, Text("漏掉的真实报警", "true alarms lost")),
    ("least_precision_gain", ("precision_gain",), True, True, Text("精确率变化", "change of precision")),
    ("most_cpu_share", ("cost", "cpu_share"), False, False, Text("处理器用量比", "processor time beside the live one")),
    (
        "most_refused", ("cost", "refused"), False, False,
        Text("仅候选方案无法处理的读数", "rows it alone could not bear"),
    ),
)  # fmt: skip


def judge(gate: Gate, report: dict[str, Any]) -> list[Ruling]:
    """What the gate says of a report (``difference``), rule by rule; it opens where all are ok."""
    a, b = report["precision"]["a"]["ratio"], report["precision"]["b"]["ratio"]
    shown = report | {
        "episodes": report["only_a"] + report["only_b"] + report["both"],
        "lost_true": len(report["lost_true"]),
        "precision_gain": b - a if a is not None and b is not None else None,
    }
    rulings = []
    for name, path, more_is_better, without, title in RULES:
        required = getattr(gate, name)
        if required is None:
            continue
        got: Any = shown
        for step in path:
            got = got[step]
        ok = without if got is None else (got >= required if more_is_better else got <= required)
        rulings.append(Ruling(name, float(required), None if got is None else float(got), ok, title))
    return rulings


def read_gate(path: Path | None = None) -> tuple[Gate, str]:
    """The gate of a file (default: the product's own) and the SHA-256 of its text.

    Raises ``ConfigurationError``: file, key, what was required, what came.
    """
    where = str(path) if path is not None else "gate.toml"
    try:
        text = path.read_bytes() if path is not None else _own()
        return msgspec.convert(tomllib.loads(text.decode()), Gate), hashlib.sha256(text).hexdigest()
    except OSError as error:
        raise ConfigurationError(f"gate file {where}: expected a file that can be read, got: {error}") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise ConfigurationError(f"gate file {where}: {error}") from error


def _own() -> bytes:
    return resources.files("alerts.promotions").joinpath("gate.toml").read_bytes()
