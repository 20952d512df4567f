"""Which silences cover an alarm: pure. Uncertainty is resolved towards announcing.

An alarm may stand for several sets of labels (alerts from outside share one where site and name are the same);
it is silenced only when each of them is. The top severity of a scheme is covered only by a silence whose writer
has the role for it and that asks for the severity by a matcher.
"""

from collections.abc import Iterable, Mapping, Sequence

from alerts.silences.silence import Silence

Labels = Mapping[str, str]


def silencing(labels: Labels, silences: Iterable[Silence], now_ms: int, *, top: bool) -> list[Silence]:
    """The active silences that cover these labels, by id; ``top``: they are of the scheme's top severity."""
    return sorted((each for each in silences if _covers(each, labels, now_ms, top=top)), key=lambda silence: silence.id)


def covering(label_sets: Sequence[Labels], silences: Sequence[Silence], now_ms: int, *, top: bool) -> list[Silence]:
    """The silences under which an alarm with these sets of labels is not announced; none = it is announced."""
    by_set = [silencing(labels, silences, now_ms, top=top) for labels in label_sets]
    if not by_set or not all(by_set):
        return []
    return sorted({each.id: each for found in by_set for each in found}.values(), key=lambda silence: silence.id)


def _covers(silence: Silence, labels: Labels, now_ms: int, *, top: bool) -> bool:
    if top and not (silence.may_cover_top and silence.names_severity):
        return False
    return silence.state(now_ms) == "active" and all(each.matches(labels) for each in silence.matchers)
