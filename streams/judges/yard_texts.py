"""What the yard's judge says to a duty officer, in both languages, with the arithmetic behind it."""

from collections.abc import Mapping

from detectors.rules.hazard_source import STANDARD, HazardSource
from detectors.rules.over_storage import Level, OverStorage
from detectors.rules.segregation import Conflict
from records.stays import Box
from streams.judges.dwelling import HOUR_MS, Overdue
from topics.finding import Text
from topics.goods import GoodsEntry
from topics.segregation_rules import Override

Facts = dict[str, str | float | int | None]
Goods = Mapping[str, GoodsEntry]

#: Terms spelt out in the text; the facts hold them all.
TERMS_IN_TEXT = 6

NO_HAZARD_SOURCE = Text("不再构成重大危险源（S<1）", "No major hazard source any more (S<1)")

GRADE_ZH = {1: "一级", 2: "二级", 3: "三级", 4: "四级"}

CODE_ZH = {1: "远离", 2: "隔离", 3: "用整舱隔离", 4: "用介于中间的整舱作纵向隔离"}
CODE_EN = {
    1: "away from",
    2: "separated from",
    3: "separated by a complete compartment from",
    4: "separated longitudinally by a complete compartment from",
}


def goods_title(un: str, goods: Goods) -> Text:
    """``UN 1942 硝酸铵``; the number alone where the list does not know it."""
    entry = goods.get(un)
    if entry is None:
        return Text(f"UN {un}", f"UN {un}")
    return Text(f"UN {un} {entry.title.zh}", f"UN {un} {entry.title.en.capitalize()}")


def hazard_grade(found: HazardSource, goods: Goods, standard: str = STANDARD) -> tuple[Text, Facts]:
    """The grade of a major hazard source, term by term."""
    zh, en = [], []
    for term in found.terms[:TERMS_IN_TEXT]:
        title = goods_title(term.un, goods)
        sum_ = f"{term.beta:g}×{term.mass_t:.4g} t/{term.q_t:g} t={term.r:.3g}"
        zh.append(f"{title.zh} {sum_}")
        en.append(f"{title.en} {sum_}")
    rest = len(found.terms) - len(zh)
    if rest > 0:
        zh.append(f"另有 {rest} 种")
        en.append(f"{rest} more")
    if found.unlisted:
        zh.append(f"{len(found.unlisted)} 种无临界量，未计入")
        en.append(f"{len(found.unlisted)} without a critical quantity not counted")
    grade = found.grade or 4
    facts: Facts = {"S": round(found.s, 4), "R": round(found.r, 4), "alpha": found.alpha, "grade": found.grade}
    for term in found.terms:
        facts[f"UN {term.un}"] = (
            f"q {term.mass_t:.6g} t, Q {term.q_t:g} t, beta {term.beta:g}, q/Q {term.s:.4g}, beta q/Q {term.r:.4g}"
        )
    for un, mass in found.unlisted:
        facts[f"UN {un}"] = f"q {mass:.6g} t, no critical quantity"
    return (
        Text(
            f"{GRADE_ZH[grade]}重大危险源（{standard}）：S={found.s:.1f}，R={found.r:.1f}（α={found.alpha:g}）；"
            + "；".join(zh),
            f"Major hazard source, grade {grade} ({standard}): S={found.s:.1f}, R={found.r:.1f} "
            f"(alpha={found.alpha:g}); " + "; ".join(en),
        ),
        facts,
    )


_OVER_ZH: dict[Level, str] = {
    "near_permit": "已达许可量的八成",
    "over_permit": "超过许可量",
    "over_design": "超过设计最大量",
    "not_permitted": "该堆场无此品种许可",
}
_OVER_EN: dict[Level, str] = {
    "near_permit": "has reached 80 % of the permit",
    "over_permit": "is over the permit",
    "over_design": "is over the design maximum",
    "not_permitted": "is not permitted at this yard at all",
}


def over_storage(un: str, found: OverStorage, goods: Goods) -> Text:
    """A substance beyond what is allowed."""
    title = goods_title(un, goods)
    against_zh = against_en = ""
    if found.times is not None:
        against_zh = f"（{found.expected_t:g} t 的 {found.times:.3g} 倍）"
        against_en = f" ({found.times:.3g} times {found.expected_t:g} t)"
    return Text(
        f"{title.zh} 在场 {found.mass_t:.4g} t，{_OVER_ZH[found.level]}{against_zh}",
        f"{title.en}: {found.mass_t:.4g} t present, {_OVER_EN[found.level]}{against_en}",
    )


def segregation(conflict: Conflict, first: Box, second: Box, goods: Goods, overrides: Mapping[str, Override]) -> Text:
    """Two boxes, or two goods in one box, that stand too close."""
    one, other = goods_title(conflict.first_un, goods), goods_title(conflict.second_un, goods)
    rule = overrides.get(conflict.rule)
    rule_zh = f"{conflict.rule} {rule.title.zh}" if rule else "IMDG 7.2.4"
    rule_en = f"{conflict.rule} {rule.title.en}" if rule else "IMDG 7.2.4"
    if conflict.first == conflict.second:
        return Text(
            f"{first.container} 箱内 {one.zh} 与 {other.zh} 混装，应“{CODE_ZH[conflict.code]}”（{rule_zh}）",
            f"{first.container} holds {one.en} with {other.en}, must be {CODE_EN[conflict.code]} it ({rule_en})",
        )
    return Text(
        f"{first.container}（{one.zh}）与 {second.container}（{other.zh}）相距 {conflict.gap_m:.1f} m，"
        f"应“{CODE_ZH[conflict.code]}”至少 {conflict.least_m:g} m（{rule_zh}）",
        f"{first.container} ({one.en}) stands {conflict.gap_m:.1f} m from {second.container} ({other.en}), must be "
        f"{CODE_EN[conflict.code]} it, at least {conflict.least_m:g} m ({rule_en})",
    )


HELD_AGAIN = Text(
    "该箱已被扣留或资料更正，停留时限重新计算", "The box is held or its papers changed: its time is reckoned anew"
)


def dwell(late: Overdue) -> Text:
    """A box that has stood too long, with the hours that did not count."""
    box, limit, held = late.box, late.limit_ms / HOUR_MS, late.held_ms / HOUR_MS
    kinds = ", ".join(sorted({f"UN {line.un}" for line in box.goods}))
    not_counted_zh = f"（另有扣留 {held:.1f} 小时不计）" if held else ""
    not_counted_en = f" ({held:.1f} h of holds not counted)" if held else ""
    return Text(
        f"{box.container}（{kinds}）停留已满 {limit:g} 小时上限{not_counted_zh}",
        f"{box.container} ({kinds}) has stood for the {limit:g} h its goods may{not_counted_en}",
    )


def undeclared(box: Box) -> Text:
    """A box nobody has declared."""
    kinds = ", ".join(f"UN {each.un}" for each in box.goods)
    seen_zh = f"，闸口所见 {kinds}" if kinds else "，货物不明"
    seen_en = f"; the gate saw {kinds}" if kinds else "; nobody knows what it holds"
    named_zh = f"（所称申报号 {box.named} 查无记录）" if box.named else ""
    named_en = f" (it names declaration {box.named}, which is not known)" if box.named else ""
    return Text(
        f"{box.container} 未申报进场{seen_zh}{named_zh}", f"{box.container} came in undeclared{seen_en}{named_en}"
    )
