"""Several warnings to one recipient said in one message, each listed with its identifier. Pure."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

import msgspec

from alerts.warnings.cap import cap_time, reference_text
from alerts.warnings.statement import Area, Reference, Statement
from topics.finding import Text

#: CAP's words for severity, from the mildest to the worst.
SEVERITIES = ("Unknown", "Minor", "Moderate", "Severe", "Extreme")
#: The parameter that lists what a digest stands for, as CAP lists references: ``sender,identifier,sent`` of each.
DIGEST_OF = "digest of"
SEVERAL_PLACES = Text("多处（见内容）", "several places (see the description)")
TITLE = Text("洪峰期间预警汇总", "digest of warnings during an alarm flood")
RULE = Text(
    "报警洪峰期间，非最高级预警按间隔合并发送", "in a flood, warnings below the worst level are joined per interval"
)

#: The title of a level's code.
Colour = Callable[[str], Text]


def digest_of(said: Sequence[Statement], identifier: str, colour: Colour) -> Statement:
    """The message that stands for these warnings to one recipient. It is as bad as the worst of them; its incidents
    are their alarms. Raises ``ValueError`` where there are none.
    """
    if not said:
        raise ValueError(f"digest {identifier}: expected some warnings, got none")
    worst = max(said, key=lambda each: SEVERITIES.index(each.severity))
    counts = Counter(each.level for each in said)
    zh = "，".join(f"{colour(code).zh} {count}" for code, count in sorted(counts.items()))
    en = ", ".join(f"{colour(code).en} {count}" for code, count in sorted(counts.items()))
    references = [Reference(each.sender, each.identifier, each.sent) for each in said]
    return msgspec.structs.replace(
        worst,
        identifier=identifier,
        sent=max(each.sent for each in said),
        msg_type="Alert",
        event=TITLE,
        headline=Text(f"汇总：{len(said)} 条预警（{zh}）", f"Digest: {len(said)} warnings ({en})"),
        description=Text(_lines(said, lambda text: text.zh), _lines(said, lambda text: text.en)),
        instruction=Text("", ""),
        response_type="Assess",
        onset=min(each.onset for each in said),
        expires=max(each.expires for each in said),
        area=Area(SEVERAL_PLACES, district=_same(each.area.district for each in said)),
        rule=RULE,
        alarm=" ".join(dict.fromkeys(each.alarm for each in said)),
        over=False,
        acknowledged_by=None,
        references=(),
        parameters={DIGEST_OF: " ".join(reference_text(each) for each in references)},
        previous_level="",
    )


def _lines(said: Sequence[Statement], say: Callable[[Text], str]) -> str:
    """One line a warning, in the order they were released."""
    return "\n".join(
        f"{place}. {say(each.headline)} · {cap_time(each.sent)} · {each.identifier}"
        for place, each in enumerate(said, 1)
    )


def _same(districts: Iterable[str]) -> str:
    """The one district of all, empty where there are several."""
    known = set(districts)
    return known.pop() if len(known) == 1 else ""
