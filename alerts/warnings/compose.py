"""The words of a warning: from an alarm, its domain pack and the registry to a ``Statement``. Pure."""

import hashlib

from alerts.alarm_row import AlarmRow
from alerts.city import City
from alerts.verdicts import REASONS
from alerts.warnings.cap import cap_time
from alerts.warnings.statement import Area, MsgType, Reference, Statement
from topics.domain import Domain, Route
from topics.finding import Text
from topics.scheme import Level

EXPIRES_AFTER_MS = 24 * 3600 * 1000
ALL_CLEAR_EXPIRES_AFTER_MS = 3600 * 1000

#: Families that say what was measured or counted; all others say what a model thinks of it.
OBSERVED = ("limit", "quality", "hazard-grade", "segregation", "over-storage", "observed", "yard")

#: CAP's urgency by how many levels of the scheme lie above this one.
URGENCY = ("Immediate", "Immediate", "Expected", "Future")


def compose(
    alarm: AlarmRow,
    city: City,
    pack: Domain,
    route: Route,
    msg_type: MsgType,
    *,
    number: int,
    references: tuple[Reference, ...],
    time_ms: int,
    rule: str,
    sender: str,
    store: str,
    previous_level: str = "",
    untold: bool = False,
) -> Statement:
    """The ``number``-th message of the chain of this alarm and route, said at ``time_ms`` of city time.

    ``untold`` says that no earlier message of the chain has reached its recipient yet: what is over by now is then
    said to have begun and ended meanwhile.
    """
    cancel = msg_type == "Cancel"
    over = cancel or not alarm.life.findings
    level = city.level(alarm.domain, alarm.life.severity)
    event = _event(alarm, city)
    sent = max([time_ms, *(each.sent for each in references)])
    guidance = city.guidance(alarm.domain, alarm.quantity, alarm.family)
    return Statement(
        identifier=identifier(sender, store, alarm.id, route.authority, number),
        sender=sender,
        sent=sent,
        msg_type=msg_type,
        status="Exercise" if city.simulated else "Actual",
        authority=route.authority,
        authority_title=route.title,
        category=pack.cap_category,
        event=event,
        headline=_headline(alarm, city, event, level, msg_type, over, references),
        description=_description(alarm, cancel, over, untold, sent),
        instruction=guidance.action if guidance is not None and not over else Text("", ""),
        response_type="None" if cancel else "AllClear" if over else "Assess",
        urgency="Past" if over else _urgency(alarm, city),
        severity=level.cap_severity if level is not None else "Unknown",
        certainty="Observed" if alarm.family in OBSERVED else "Likely",
        level=alarm.life.severity,
        gb_level=level.gb_level if level is not None else "",
        onset=alarm.life.opened or sent,
        expires=sent + (ALL_CLEAR_EXPIRES_AFTER_MS if over else EXPIRES_AFTER_MS),
        area=_area(alarm, city),
        rule=_cancel_rule(alarm) if cancel else _rule_text(rule, route),
        alarm=alarm.id,
        over=over,
        acknowledged_by=alarm.life.acknowledged_by,
        references=references,
        parameters=_numbers(alarm),
        note="模拟数据 / simulated data" if city.simulated else "",
        previous_level=previous_level,
    )


def identifier(sender: str, store: str, alarm: str, authority: str, number: int) -> str:
    """Unique for ever: sender, store, alarm, authority (hashed, since any text is one) and number in the chain."""
    who = hashlib.blake2b(authority.encode(), digest_size=4).hexdigest()
    return f"{sender}-{store}-{alarm}-{who}-{number}"


def _event(alarm: AlarmRow, city: City) -> Text:
    title = city.quantity_title(alarm.domain, alarm.quantity)
    domain = city.domain_title(alarm.domain)
    return Text(f"{domain.zh}：{title.zh}", f"{domain.en}: {title.en}")


def _headline(
    alarm: AlarmRow,
    city: City,
    event: Text,
    level: Level | None,
    msg_type: MsgType,
    over: bool,
    references: tuple[Reference, ...],
) -> Text:
    site = city.site_title(alarm.site)
    colour = level.title if level is not None else Text(alarm.life.severity, alarm.life.severity)
    grade = f"[{level.gb_level}级]" if level is not None and level.gb_level else ""
    if msg_type == "Cancel":
        return Text(f"撤销{site.zh}{event.zh}{colour.zh}预警", f"Cancelled: {site.en}, {event.en} ({colour.en})")
    if over:
        return Text(f"解除{site.zh}{event.zh}{colour.zh}预警", f"All clear: {site.en}, {event.en} ({colour.en})")
    verb = Text("更新", "Update: ") if references else Text("发布", "")
    return Text(
        f"{verb.zh}{site.zh}{event.zh}{colour.zh}预警{grade}", f"{verb.en}{colour.en} warning: {site.en}, {event.en}"
    )


def _description(alarm: AlarmRow, cancel: bool, over: bool, untold: bool, sent: int) -> Text:
    """What the alarm says; of one that is over also when it began and ended, and whether nobody had heard of it."""
    zh, en = alarm.text.zh, alarm.text.en
    if cancel:
        title = _verdict_title(alarm)
        return Text(f"撤销：判定为“{title.zh}”，原报警内容：{zh}", f"Cancelled, it was: {title.en}. It had said: {en}")
    if not over:
        return alarm.text
    began, ended = cap_time(alarm.life.opened or sent), cap_time(alarm.life.returned or sent)
    zh, en = f"{zh}（{began} 开始，{ended} 结束", f"{en} (began {began}, ended {ended}"
    if untold:
        zh, en = f"{zh}；在此期间未能送达任何通报", f"{en}: it began and ended before any message of it was delivered"
    return Text(f"{zh}）", f"{en})")


def _verdict_title(alarm: AlarmRow) -> Text:
    code = alarm.life.verdict or ""
    return REASONS[code].title if code in REASONS else Text(code, code)


def _cancel_rule(alarm: AlarmRow) -> Text:
    title, who = _verdict_title(alarm), alarm.life.verdict_by or ""
    return Text(
        f"cancel-on-verdict：恢复之前由 {who} 判定为“{title.zh}”",
        f"cancel-on-verdict: judged {title.en} by {who} before it returned",
    )


def _urgency(alarm: AlarmRow, city: City) -> str:
    above = sum(level.rank > alarm.rank for level in city.scheme(alarm.domain).levels)
    return URGENCY[min(above, len(URGENCY) - 1)]


def _area(alarm: AlarmRow, city: City) -> Area:
    """The site's point. How far it reaches nobody has judged yet, so the radius says nothing but the point."""
    site = city.registry.site(alarm.site)
    if site is None:
        return Area(Text(f"{alarm.site}（位置未登记）", f"{alarm.site} (position not registered)"))
    return Area(site.title, site.lat, site.lon, district=site.district)


def _rule_text(rule: str, route: Route) -> Text:
    families = ", ".join(route.families)
    return Text(
        f"{rule}：{families or '所有类别'}，{route.min_severity} 及以上 → {route.title.zh}",
        f"{rule}: {families or 'all families'}, {route.min_severity} and above → {route.title.en}",
    )


def _numbers(alarm: AlarmRow) -> dict[str, str]:
    numbers = {"value": alarm.value, "expected": alarm.expected}
    said = {name: f"{value:g} {alarm.unit}".strip() for name, value in numbers.items() if value is not None}
    return said | {"latched level": alarm.life.latched}
