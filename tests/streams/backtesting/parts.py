"""Findings and labels written by hand."""

from streams.backtesting.labels import Kind, Label
from tests.detectors.small_pack import MINUTE, START
from topics.finding import Finding, Origin, Phase, Text, finding_id

NOTHING = Text("无", "none")


def series(site: str) -> str:
    return f"{site}/p1/temp/Rtd"


def finding(site: str, minute: int, phase: Phase = "open", opened: int | None = None, **more: object) -> Finding:
    """A message ``minute`` minutes after the start of an anomaly that opened then, or at ``opened``."""
    begin = START + (minute if opened is None else opened) * MINUTE
    given: dict[str, object] = {
        "id": finding_id("anomaly", 1, site, begin), "phase": phase, "seq": 0, "domain": "trial", "site": site,
        "subject": series(site), "quantity": "temp", "family": "anomaly", "detector": "anomaly",
        "detector_version": 1, "severity": "blue", "opened": begin, "time": START + minute * MINUTE, "text": NOTHING,
        "origin": Origin("readings.trial", 0, 1, 2),
    }  # fmt: skip
    return Finding(**(given | more))  # type: ignore[arg-type]


def episode(site: str, first: int, last: int) -> list[Finding]:
    """An anomaly told from one minute to another."""
    return [finding(site, first), finding(site, last, "close", first, seq=1)]


def label(site: str, start: int, end: int, kind: Kind = "event", event: int | None = None) -> Label:
    """A window in minutes after the start."""
    times = (START + each * MINUTE for each in (start, end, end if event is None else event))
    begin, finish, harm = times
    return Label(series(site), begin, finish, kind, "leak" if kind == "event" else kind, harm)
