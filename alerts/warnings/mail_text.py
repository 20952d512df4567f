"""The words of a warning for people who read it as plain text: Chinese first, then English. Pure."""

from alerts.warnings.cap import LANGUAGES, cap_time
from alerts.warnings.statement import Statement

#: The labels of the lines, by language.
LABELS = {
    "zh-CN": ("时间", "地点", "级别", "内容", "处置", "依据", "编号", "备注", "接报"),
    "en-US": ("time", "place", "level", "what", "what to do", "released by", "identifier", "note", "taken on by"),
}


def subject(said: Statement) -> str:
    """One line in both languages."""
    simulated = "[演练/exercise] " if said.status == "Exercise" else ""
    return f"{simulated}{said.headline.zh} / {said.headline.en}"


def mail_text(said: Statement) -> str:
    """The whole warning, in both languages, a line for each thing said; times in the city's zone."""
    parts = []
    for language, say in LANGUAGES:
        values = (
            cap_time(said.onset),
            f"{say(said.area.title)}{_point(said)}",
            f"{said.level} {said.gb_level}".strip(),
            say(said.description),
            say(said.instruction),
            say(said.rule),
            said.identifier,
            said.note,
            said.acknowledged_by or "",
        )
        lines = [f"{label}: {value}" for label, value in zip(LABELS[language], values, strict=True) if value]
        parts.append("\n".join([say(said.headline), "", *lines]))
    return "\n\n--\n\n".join(parts) + "\n"


def _point(said: Statement) -> str:
    """The WGS-84 point behind the place's name, where there is one."""
    if said.area.lat is None or said.area.lon is None:
        return ""
    return f" ({said.area.lat:.6f}, {said.area.lon:.6f})"
