"""What a finding of a sequence says in both languages: each step with its time, and what stayed away."""

from detectors.sequences.happening import Happening, concerns, holds
from detectors.sequences.matcher import Match
from detectors.wording import amount, clock
from topics.domain import Domain
from topics.event_sequence import EventSequence, StepPattern
from topics.finding import Text


def opened_text(domain: Domain, sequence: EventSequence, match: Match) -> Text:
    """The steps in order, and what did not come after them."""
    zh = [f"{n}. {s.title.zh} {_told(domain, h)}" for n, s, h in _steps(sequence, match)]
    en = [f"{n}. {s.title.en} {_told(domain, h)}" for n, s, h in _steps(sequence, match)]
    if sequence.absent_s:
        span = duration(sequence.absent_s)
        zh.append(f"此后 {span.zh} 内没有：{'、'.join(each.title.zh for each in sequence.absent)}")
        en.append(f"then, within {span.en}, none of: {', '.join(each.title.en for each in sequence.absent)}")
    doubt = Text("", "") if sequence.confirmed else Text("（规则未经核实）", " (rule unconfirmed)")
    return Text(f"{sequence.title.zh}{doubt.zh}：{'；'.join(zh)}", f"{sequence.title.en}{doubt.en}: {'; '.join(en)}")


def closed_text(domain: Domain, sequence: EventSequence, match: Match) -> Text:
    """What ended it."""
    if match.by is None:
        span = duration(sequence.lasts_s)
        return Text(f"{sequence.title.zh}：{span.zh} 后不再提示", f"{sequence.title.en}: over after {span.en}")
    told = _told(domain, match.by)
    late = Text("（迟到的消息）", " (told too late)") if match.late else Text("", "")
    named = _ended(sequence, match.by)
    return Text(
        f"{sequence.title.zh} 结束：{named.zh} {told}{late.zh}",
        f"{sequence.title.en} is over: {named.en} {told}{late.en}",
    )


def withdrawn_text(finding_text: Text) -> Text:
    """The rule that said so is no longer declared, or has been declared anew."""
    return Text(f"规则已撤回或更改：{finding_text.zh}", f"the rule was withdrawn or changed: {finding_text.en}")


def duration(seconds: float) -> Text:
    """In minutes where that is a whole number, else in seconds."""
    if seconds % 60 == 0:
        return Text(f"{seconds / 60:g} 分钟", f"{seconds / 60:g} min")
    return Text(f"{seconds:g} 秒", f"{seconds:g} s")


def _steps(sequence: EventSequence, match: Match) -> list[tuple[int, StepPattern, Happening]]:
    return [(n, step, each) for n, (step, each) in enumerate(zip(sequence.steps, match.chain, strict=True), 1)]


def _told(domain: Domain, happening: Happening) -> str:
    """Where, what value, when: the same in both languages."""
    known = domain.quantities.get(happening.quantity)
    value = ""
    if happening.value is not None and known is not None:
        value = f" {amount(happening.value, known.decimals, known.unit)}"
    elif happening.value is not None:
        value = f" {_rounded(happening.value, happening.unit)}"
    where = happening.device or happening.quantity
    return f"{where}{value} ({clock(happening.time)})"


def _rounded(value: float, unit: str) -> str:
    """A value whose quantity no pack knows: as many digits as carry meaning, longer times in minutes."""
    if unit == "s" and value >= 120:
        value, unit = value / 60, "min"
    size = abs(value)
    return amount(value, 0 if size >= 100 or value == round(value) else 1 if size >= 10 else 2, unit)


def _ended(sequence: EventSequence, happening: Happening) -> Text:
    """The title of the pattern that it is."""
    return next(each.title for each in sequence.absent if concerns(each, happening) and holds(each, happening))
