"""The rules of one day hold at any time: limits and critical quantities of the edition in force then, and no other."""

import datetime as dt

from detectors.rules.judgement.rules import rules_of
from streams.judges.yard_facts import yard_facts
from streams.replays.rules_as_of import rules_as_of
from topics.domain_file import load_domains
from topics.published_pack import from_published, publish_form

CARGO, POLLUTION = (next(each for each in load_domains() if each.name == name) for name in ("cargo", "pollution"))
NIGHT_MS = 1_439_391_106_000
NOW_MS = 1_790_000_000_000


def test_by_the_date_of_the_event_an_event_of_2015_meets_the_edition_of_2009() -> None:
    facts = yard_facts(CARGO)
    then, now = facts.critical_at(NIGHT_MS), facts.critical_at(NOW_MS)
    assert (then.standard, then.rows["1942"].q_t) == ("GB 18218-2009", 300.0)
    assert (now.standard, now.rows["1942"].q_t) == ("GB 18218-2018", 50.0)
    last_ms = round(dt.datetime(2019, 3, 1, tzinfo=dt.timezone(dt.timedelta(hours=8))).timestamp() * 1000)
    assert facts.critical_at(last_ms - 1) is then and facts.critical_at(last_ms) is now


def test_todays_rules_judge_2015_as_if_they_had_held() -> None:
    today = rules_as_of(CARGO, dt.date(2026, 1, 1))
    assert yard_facts(today).critical_at(NIGHT_MS).standard == "GB 18218-2018"
    limits = today.quantities["gas_lel"].limits
    assert {each.edition for each in limits} == {"2019"} and all(each.in_force(dt.date(2015, 8, 12)) for each in limits)


def test_formal_limits_are_put_under_that_day_too() -> None:
    """Waste incineration had no limit of its own in our pack before 2016; power stations had one in both."""
    night = dt.date(2015, 8, 12)
    for day, standards in ((night, {"GB 13223-2011"}), (dt.date(2026, 1, 1), {"GB 13223-2011", "GB 18485-2014"})):
        limits = rules_of(from_published(publish_form(rules_as_of(POLLUTION, day), NIGHT_MS))).limits["a21026"]
        assert {each.standard for each in limits} == standards
        assert all(each.valid_from <= night and each.valid_to is None for each in limits)


def test_the_rules_of_the_night_judge_today_as_they_did_then() -> None:
    then = rules_as_of(CARGO, dt.date(2015, 8, 12))
    edition = yard_facts(then).critical_at(NOW_MS)
    assert (edition.standard, edition.rows["1486"].q_t) == ("GB 18218-2009", 200.0)
    assert {each.edition for each in then.quantities["gas_lel"].limits} == {"2009"}
    assert CARGO.facts["critical_quantities_until"], "the pack itself is left as it was"
