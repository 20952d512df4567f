"""Packs: names checked against their tables, published and read back, and one contract for every member."""

import datetime as dt
import itertools
import uuid
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from streams.log_reading import put, records_until_now, writer
from streams.packs import CONFIG, domains_of, foreign_names, load_packs, publish_packs, read_packs
from topics.catalog import CITY_TOPICS, catalog
from topics.connection import KafkaConnection
from topics.declare import declare
from topics.domain import Domain
from topics.domain_file import load_domain, load_domains
from topics.domain_topics import domain_topics
from topics.errors import ConfigurationError
from topics.finding import Text
from topics.handling import EscalationStep, Handling
from topics.published_pack import from_published, publish_form
from topics.reading import Control
from topics.scheme import load_scheme

FIXTURES = Path(__file__).parents[1] / "topics" / "fixtures"
T = 1_700_000_000_000
TOURISM = load_domain(FIXTURES / "tourism.toml")
DAYS = [dt.date(year, 8, 12) for year in (2015, 2026, 2032)]


def assert_keeps_the_contract(domain: Domain) -> None:
    """What every pack must do for the parts that live on it."""
    scheme = load_scheme(domain.scheme)
    assert not foreign_names(domain)
    assert from_published(publish_form(domain, T)) == domain
    assert domain.topic in {topic.name for topic in catalog([domain])}
    for code, quantity in domain.quantities.items():
        for day, one in itertools.product(DAYS, quantity.limits):
            same = [each for each in quantity.limits if _question(each) == _question(one) and each.in_force(day)]
            assert len(same) <= 1, f"{domain.name}.{code}: two editions of {one.level} hold on {day}"
        worst = max((scheme.rank(limit.severity) for limit in quantity.limits), default=0)
        told = min(scheme.rank(route.min_severity) for route in domain.routes)
        assert worst < scheme.rank("red") or told <= worst, f"{domain.name}.{code}: a red limit is told to nobody"
        for family in domain.families:
            keys = {code, family, "default"} & domain.guidance.keys()
            assert keys, f"{domain.name}.{code}: no guidance for {family}"


def _question(limit: object) -> tuple[str, ...]:
    return tuple(str(getattr(limit, key)) for key in ("level", "side", "statistic", "sensor_class", "condition"))


@pytest.mark.parametrize("domain", [*load_packs(), TOURISM], ids=lambda domain: domain.name)
def test_every_pack_keeps_the_contract(domain: Domain) -> None:
    assert_keeps_the_contract(domain)


def test_the_contract_fails_on_a_wrong_member() -> None:
    deaf = msgspec.structs.replace(TOURISM.routes[0], channels=("pigeon",))
    with pytest.raises(AssertionError):
        assert_keeps_the_contract(msgspec.structs.replace(TOURISM, routes=(deaf,)))
    visitors = TOURISM.quantities["visitors"]
    for_ever = msgspec.structs.replace(visitors.limits[0], valid_to=None)
    twice = msgspec.structs.replace(visitors, limits=(for_ever, *visitors.limits[1:]))
    with pytest.raises(AssertionError, match="two editions of H hold on 2026-08-12"):
        assert_keeps_the_contract(msgspec.structs.replace(TOURISM, quantities={"visitors": twice}))


def test_a_channel_that_is_none_is_refused_wherever_a_pack_names_one() -> None:
    clocks = {
        "reply_s": 60,
        "supplement_s": 60,
        "escalate_every_s": 60,
        "firm_steps": [],
        "source": "",
        "confirmed": True,
    }
    facts = {"ticket_terms": {"day": clocks | {"channels": ["pigeon"]}}}
    steps = {"leader": EscalationStep(Text("带班领导", "duty leader"), ("pigeon",))}
    handling = {"default": Handling(escalate_over=("pigeon",))}
    pack = msgspec.structs.replace(TOURISM, facts=facts, escalation=steps, handling=handling)
    refused = [each.partition(":")[0] for each in foreign_names(pack) if "pigeon" in each]
    assert refused == [
        "escalation.leader.channels", "handling.default.escalate_over", "facts.ticket_terms.day.channels",
    ]  # fmt: skip


def test_names_nobody_answers_to_are_refused(tmp_path: Path) -> None:
    text = (FIXTURES / "tourism.toml").read_text(encoding="utf-8")
    text = text.replace("[detectors.missing]", "[detectors.oracle]").replace(
        'families = ["limit"]', 'families = ["limit"]\nchannels = ["cap", "pigeon"]'
    )
    (tmp_path / "tourism.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError) as refusal:
        load_packs(tmp_path)
    lines = str(refusal.value).split("\n")
    assert lines[0].startswith("tourism.toml: detectors.oracle: expected one of ['ar_residual', ")
    assert lines[0].endswith("got 'oracle'")
    assert lines[1].startswith("tourism.toml: routes[0].channels: expected some of ['alertmanager', 'cap'")
    assert lines[1].endswith("got 'pigeon'")


@pytest.mark.parametrize("setting, told", [("colour = 3", "got 'colour'"), ('band = "wide"', "detectors.missing")])
def test_settings_a_detector_does_not_have_are_refused(tmp_path: Path, setting: str, told: str) -> None:
    text = (FIXTURES / "tourism.toml").read_text(encoding="utf-8")
    (tmp_path / "tourism.toml").write_text(
        text.replace("[detectors.missing]", f"[detectors.missing]\n{setting}"), encoding="utf-8"
    )
    with pytest.raises(ConfigurationError, match=r"tourism\.toml: detectors\.missing") as refusal:
        load_packs(tmp_path)
    assert told in str(refusal.value)


@pytest.fixture
def published(kafka: str) -> Iterator[tuple[KafkaConnection, Domain]]:
    """A domain of its own name, its topics declared; withdrawn at the end, because `config` is shared."""
    connection = KafkaConnection(kafka)
    domain = msgspec.structs.replace(TOURISM, name=f"t{uuid.uuid4().hex[:10]}")
    declare(connection, (*CITY_TOPICS, *domain_topics(domain)))
    yield connection, domain
    with writer(connection) as producer:
        put(producer, CONFIG, key=f"domain/{domain.name}".encode(), value=None)
    assert domain.name not in read_packs(connection)


@pytest.mark.kafka
def test_a_pack_is_published_once_and_read_back(published: tuple[KafkaConnection, Domain]) -> None:
    connection, domain = published
    (sent,) = publish_packs(connection, [domain], T)
    assert read_packs(connection)[domain.name] == sent
    assert domain in domains_of({domain.name: sent})
    assert publish_packs(connection, [domain], T + 1) == (), "the same content is no news"


@pytest.mark.kafka
def test_a_pack_that_replaces_another_is_announced_in_every_partition(
    published: tuple[KafkaConnection, Domain],
) -> None:
    connection, domain = published
    publish_packs(connection, [domain], T)
    later = msgspec.structs.replace(domain, order=9)
    (sent,) = publish_packs(connection, [later], T + 60_000)
    assert from_published(read_packs(connection)[domain.name]) == later
    announced = {
        record.partition: msgspec.json.decode(record.value, type=Control)
        for record in records_until_now(connection, domain.topic)
    }
    assert announced == dict.fromkeys(range(domain.partitions), Control("~config", T + 60_000, ref=sent.ref))


@pytest.mark.kafka
def test_a_broken_record_on_config_is_told_with_its_place(published: tuple[KafkaConnection, Domain]) -> None:
    _, domain = published
    sent = publish_form(domain, T)
    with pytest.raises(ConfigurationError, match="config: config domain/"):
        domains_of({domain.name: msgspec.structs.replace(sent, hash="0" * 64)})


def test_facts_that_judgement_and_tickets_cannot_read_refuse_the_pack() -> None:
    (good,) = (each for each in load_domains() if each.name == "pollution")
    assert foreign_names(good) == []
    broken = good.facts | {"validity": {"source": "x", "confirmed": True, "hour_share": 1.5}}
    (problem,) = foreign_names(msgspec.structs.replace(good, facts=broken))
    assert "Expected `float` <= 1" in problem
    clocks = good.facts["ticket_terms"] | {"day": {"reply_s": 0}}
    (problem,) = foreign_names(msgspec.structs.replace(good, facts=good.facts | {"ticket_terms": clocks}))
    assert problem.startswith("facts.ticket_terms: ")


def test_a_misspelt_setting_of_an_integrity_rule_is_refused_by_name() -> None:
    (pack,) = (domain for domain in load_packs() if domain.name == "pollution")
    rules = {"constant_value": {"treshold": 3.0, "source": "here", "confirmed": False}}
    facts = pack.facts | {"integrity": pack.facts["integrity"] | {"rules": rules}}
    (problem,) = foreign_names(msgspec.structs.replace(pack, facts=facts))
    assert "integrity.constant_value" in problem and "'treshold'" in problem


def test_a_pack_whose_terms_for_boxes_name_no_quantity_of_its_own_is_refused() -> None:
    (cargo,) = (each for each in load_packs() if each.name == "cargo")
    terms = cargo.facts["box_conditions"] | {"temperatures": ["warmth"]}
    broken = msgspec.structs.replace(cargo, facts=cargo.facts | {"box_conditions": terms})
    assert foreign_names(cargo) == []
    assert any("box_conditions: expected quantities of the pack" in each for each in foreign_names(broken))
