"""The risk of a firm in four colours, with every reason: the points of its static grade, less what is wrong now. Pure.

Points run from 0 (worst) to 100 and are read like those of the static grade (guide of 2018): below 60 red, below 75
orange, below 90 yellow, else blue. Each term takes points away, at most so many; some conditions make a firm red
whatever its points. All numbers are data (``alerts/firm_risk/weights.toml``), each with its source.
"""

from collections.abc import Callable, Mapping

import msgspec

from records.firm_risk_terms import BEST, CONDITIONS, Term, Weights
from topics.finding import Text


class Static(msgspec.Struct, frozen=True):
    """The static grade: points of 100, its conditions of direct red, whether it has run out."""

    score: float
    direct_red: tuple[str, ...] = ()
    expired: bool = False


class Firm(msgspec.Struct, frozen=True):
    """What is known of a firm now; counts by kind as in ``Weights``. ``online_percent`` is ``None`` without a point."""

    static: Static | None = None
    hazards: tuple[int, ...] = ()
    alarms: Mapping[str, int] = {}
    dangers: Mapping[str, int] = {}
    commitments: int = 0
    accidents: Mapping[str, int] = {}
    online_percent: float | None = None


class Reason(msgspec.Struct, frozen=True):
    """One term: points it takes (0 = it takes none), or that it makes the firm red by itself (``direct``)."""

    term: str
    points: float
    text: Text
    source: str
    confirmed: bool
    direct: bool = False


class Risk(msgspec.Struct, frozen=True):
    """Points of 100 (the fewer, the worse), the colour, and why: what counts most first."""

    points: float
    colour: str
    reasons: tuple[Reason, ...]

    @property
    def direct(self) -> bool:
        """Whether it is of the worst colour whatever its points."""
        return any(each.direct for each in self.reasons)


def risk(firm: Firm, weights: Weights) -> Risk:
    """The risk of a firm. Worse in any term never gives more points, and a direct condition beats them all."""
    static = _static(firm, weights)
    taken = [
        _hazard(firm, weights),
        _counted("alarms", firm.alarms, weights.alarms, Text("未关闭报警", "open alarms")),
        _counted("dangers", firm.dangers, weights.dangers, Text("逾期隐患", "hidden dangers overdue")),
        _counted(
            "commitments",
            {"missing": firm.commitments} if firm.commitments else {},
            weights.commitments,
            Text(f"近 {weights.commitment_days} 天未按时安全承诺",
                 f"commitments not given in time in {weights.commitment_days} days"),
        ),
        _counted(
            "accidents", firm.accidents, weights.accidents,
            Text(f"近 {weights.accident_days} 天事故", f"accidents in {weights.accident_days} days"),
        ),
        _online(firm, weights),
    ]  # fmt: skip
    points = round(max(0.0, min(BEST, BEST - static.points - sum(each.points for each in taken))), 2)
    direct = [reason for reason in _direct(firm, weights) if reason is not None]
    reasons = sorted((static, *taken), key=lambda each: -each.points)
    shown = tuple([*direct, *(each for each in reasons if each.points > 0 or each.term == "static")])
    worst = weights.colours.bands[0].colour
    return Risk(points, worst if direct else weights.colours.colour(points), shown)


def _static(firm: Firm, weights: Weights) -> Reason:
    begins, ungraded = weights.ungraded, firm.static
    if ungraded is None:
        said = Text(
            f"没有静态分级，从 {begins.points:g} 分起算", f"no static grade: it begins with {begins.points:g} points"
        )
        return Reason("static", BEST - begins.points, said, begins.source, begins.confirmed)
    score = min(ungraded.score, begins.points) if ungraded.expired else ungraded.score
    zh, en = ("（已过期）", " (run out)") if ungraded.expired else ("", "")
    said = Text(f"静态分级 {ungraded.score:g} 分{zh}", f"static grade of {ungraded.score:g} points{en}")
    return Reason("static", BEST - score, said, weights.colours.source, weights.colours.confirmed)


def _hazard(firm: Firm, weights: Weights) -> Reason:
    term, gravest = weights.hazard, min(firm.hazards, default=None)
    taken = 0.0 if gravest is None else min(term.most, term.each.get(str(gravest), max(term.each.values(), default=0)))
    said = Text(f"{gravest} 级重大危险源", f"a major hazard of grade {gravest}")
    return Reason("hazard", taken, said, term.source, term.confirmed)


def _counted(name: str, counts: Mapping[str, int], term: Term, title: Text) -> Reason:
    """A kind that the weights do not know takes as much as the worst: what is not known is never played down."""
    worst = max(term.each.values(), default=0.0)
    taken = min(term.most, sum(count * term.each.get(kind, worst) for kind, count in counts.items()))
    order = sorted(
        (kind for kind, count in counts.items() if count), key=lambda kind: (-term.each.get(kind, worst), kind)
    )
    kinds = [(term.titles.get(kind, Text(kind, kind)), counts[kind]) for kind in order]
    said = Text(
        f"{title.zh}：{'、'.join(f'{kind.zh} {count}' for kind, count in kinds)}",
        f"{title.en}: {', '.join(f'{kind.en} {count}' for kind, count in kinds)}",
    )
    return Reason(name, taken, said, term.source, term.confirmed)


def _online(firm: Firm, weights: Weights) -> Reason:
    terms, rate = weights.online, firm.online_percent
    below = 0.0 if rate is None else max(0.0, terms.target - rate)
    shown = "–" if rate is None else f"{rate:.2f} %"
    said = Text(
        f"近 {weights.online_days} 天在线率 {shown}，目标 {terms.target:g} %",
        f"online rate of {shown} in {weights.online_days} days, {terms.target:g} % is the target",
    )
    return Reason("online", min(terms.most, below * terms.per_point), said, terms.source, terms.confirmed)


def _direct(firm: Firm, weights: Weights) -> list[Reason | None]:
    found = []
    for code, judged in weights.direct.items():
        detail = DIRECT[code](firm, weights)
        text = Text(f"{judged.title.zh}：{detail.zh}", f"{judged.title.en}: {detail.en}") if detail else judged.title
        found.append(Reason(code, 0.0, text, judged.source, judged.confirmed, direct=True) if detail else None)
    return found


def _static_red(firm: Firm, _: Weights) -> Text | None:
    said = ", ".join(firm.static.direct_red) if firm.static is not None else ""
    return Text(said, said) if said else None


def _major_overdue(firm: Firm, _: Weights) -> Text | None:
    count = firm.dangers.get("major", 0)
    return Text(str(count), str(count)) if count else None


def _grave_accident(firm: Firm, weights: Weights) -> Text | None:
    titles = weights.accidents.titles
    grave = [
        titles.get(grade, Text(grade, grade)) for grade in weights.direct_accidents if firm.accidents.get(grade, 0)
    ]
    return Text("、".join(each.zh for each in grave), ", ".join(each.en for each in grave)) if grave else None


#: What each condition gives is the detail that is shown, ``None`` where it does not hold.
DIRECT: dict[str, Callable[[Firm, Weights], Text | None]] = dict(
    zip(CONDITIONS, (_static_red, _major_overdue, _grave_accident), strict=True)
)
