"""What can be wrong with a unit of a major hazard source, each as a condition with its text in both languages. Pure."""

from detectors.rules.hazard.inventory import UnitGrades
from detectors.rules.hazard.voting import Vote
from detectors.rules.hazard_source import STANDARD, HazardSource
from streams.judges.episodes import Condition
from streams.judges.unit_facts import Group, Unit
from streams.judges.yard_texts import GRADE_ZH
from topics.finding import Text

GRADE, STORAGE, TRIP = "unit-hazard-grade", "unit-over-storage", "unit-vote"
APART, RISE, BYPASS = "unit-discrepancy", "unit-rate-of-rise", "unit-bypass"

SEVERITY = {1: "red", 2: "orange", 3: "yellow", 4: "blue"}

#: From this share of the permit on somebody should be told.
NEAR = 0.8


def grade(unit: Unit, grades: UnitGrades) -> Condition | None:
    """The live grade, with the sums of permit and design beside it; the value is R."""
    live = grades.live
    if live.grade is None:
        return None
    terms = "; ".join(f"UN {t.un} {t.beta:g}×{t.mass_t:.4g} t/{t.q_t:g} t={t.r:.3g}" for t in live.terms)
    unknown = f"；液位未知按满罐计：{'、'.join(grades.unknown)}" if grades.unknown else ""
    unknown_en = f"; counted as full, level unknown: {', '.join(grades.unknown)}" if grades.unknown else ""
    permit, design = _said(grades.permit), _said(grades.design)
    return Condition(
        GRADE,
        "hazard-grade",
        unit.about.site,
        unit.name,
        "hazard-grade",
        SEVERITY[live.grade],
        Text(
            zh=f"单元 {unit.name} 实时为{GRADE_ZH[live.grade]}重大危险源：S={live.s:.3g}，R=α{live.alpha:g}×({terms})"
            f"={live.r:.3g}；许可 {permit}，设计 {design}{unknown}",
            en=f"unit {unit.name} is now a major hazard source of grade {live.grade}: S={live.s:.3g}, "
            f"R=alpha {live.alpha:g} x ({terms})={live.r:.3g}; permit {permit}, design {design}{unknown_en}",
        ),
        mark=str(live.grade),
        value=round(live.r, 3),
        unit="R",
        standard=STANDARD,
        facts={
            "S": round(live.s, 4), "R": round(live.r, 4), "grade": live.grade,
            "S_permit": round(grades.permit.s, 4), "R_permit": round(grades.permit.r, 4),
            "S_design": round(grades.design.s, 4), "R_design": round(grades.design.r, 4),
            "grade_design": grades.design.grade,
        },
    )  # fmt: skip


def storage(unit: Unit, grades: UnitGrades) -> Condition | None:
    """More than 80 % of what the permit allows, or more than all of it; tonnes."""
    mass, permit = grades.masses
    if permit <= 0 or mass < NEAR * permit:
        return None
    over = mass > permit
    zh, en = ("超过许可", "more than its permit") if over else ("达到许可的 80 %", "80 % of its permit or more")
    return Condition(
        STORAGE,
        "over-storage",
        unit.about.site,
        unit.name,
        "over-storage",
        "orange" if over else "yellow",
        Text(
            zh=f"单元 {unit.name} 存量 {mass:.4g} t，{zh} {permit:.4g} t",
            en=f"unit {unit.name} holds {mass:.4g} t, {en} of {permit:.4g} t",
        ),
        value=round(mass, 3),
        expected=permit,
        unit="t",
        standard=STANDARD,
    )  # fmt: skip


def trip(unit: Unit, group: Group, found: Vote, measure: str) -> Condition:
    """Enough instruments say that a trip level is passed."""
    return Condition(
        TRIP,
        "hazard",
        unit.about.site,
        f"{unit.name}/{group.name}",
        group.quantity,
        group.severity,
        Text(
            zh=f"{unit.name} {group.name}：{found.voters} 台仪表中 {found.votes} 台判定越过联锁值 "
            f"{group.bound:g} {measure}",
            en=f"{unit.name} {group.name}: {found.votes} of {found.voters} instruments are beyond the trip of "
            f"{group.bound:g} {measure}",
        ),
        value=max(found.values) if group.side == "high" else min(found.values),
        expected=group.bound,
        unit=measure,
        facts={"votes": found.votes, "voters": found.voters, "needed": found.needed},
    )


def apart(unit: Unit, group: Group, found: Vote, measure: str) -> Condition:
    """Instruments of one group disagree."""
    return Condition(
        APART,
        "hazard",
        unit.about.site,
        f"{unit.name}/{group.name}",
        group.quantity,
        "yellow",
        Text(
            zh=f"{unit.name} {group.name}：冗余仪表相差 {found.spread:.3g} {measure}，超过 {group.apart:g}",
            en=f"{unit.name} {group.name}: redundant instruments differ by {found.spread:.3g} {measure}, "
            f"more than {group.apart:g}",
        ),
        value=round(found.spread, 4),
        expected=group.apart,
        unit=measure,
    )


def rising(unit: Unit, group: Group, rate: float, measure: str) -> Condition:
    """It rises faster than it may."""
    return Condition(
        RISE,
        "hazard",
        unit.about.site,
        f"{unit.name}/{group.name}",
        group.quantity,
        "orange",
        Text(
            zh=f"{unit.name} {group.name}：上升速率 {rate:.3g} {measure}/h，超过 {group.rise_per_h:g}",
            en=f"{unit.name} {group.name}: rises by {rate:.3g} {measure}/h, more than {group.rise_per_h:g}",
        ),
        value=round(rate, 4),
        expected=group.rise_per_h,
        unit=f"{measure}/h",
    )


def bypassed(unit: Unit, device: str) -> Condition:
    """An interlock of the unit is bypassed."""
    return Condition(
        BYPASS,
        "hazard",
        unit.about.site,
        f"{unit.name}/{device}",
        "interlock_bypass",
        "orange",
        Text(zh=f"{unit.name} 的联锁 {device} 已旁路", en=f"interlock {device} of {unit.name} is bypassed"),
    )


def _said(found: HazardSource) -> str:
    return f"S={found.s:.3g} R={found.r:.3g}"
