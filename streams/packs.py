"""Domain packs on their way to the workers: the check of names that topics/ cannot know, and the `config` topic."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from alerts.accidents.terms import pack_terms
from alerts.firm_risk.weights import pack_weights
from alerts.responder.reference import keeps_yards, reference_of
from alerts.sinks import SINKS
from detectors.city_days import city_days
from detectors.integrity.pack_facts import integrity_facts
from detectors.registry import settings_problems
from detectors.rules.judgement.rules import has_rules, rules_of
from records.box_terms import box_terms
from records.carriage.terms import carriage_facts
from records.coding.terms import coding_terms
from records.declaration_terms import declaration_facts
from records.kitchens.terms import kitchen_terms
from records.safety.terms import safety_terms
from records.tickets import Terms
from streams.judges.paper_facts import paper_facts
from streams.judges.unit_facts import hazard_facts
from streams.judges.yard_facts import yard_facts
from streams.log_reading import put, reader, records_until_now, writer
from topics.codec import encode
from topics.connection import KafkaConnection
from topics.domain import Domain
from topics.domain_file import load_domains
from topics.errors import ConfigurationError
from topics.published_pack import PublishedPack, from_published, publish_form
from topics.reading import Control

CONFIG = "config"

#: The channels a pack's routes may name.
CHANNEL_NAMES: Collection[str] = tuple(SINKS)


def load_packs(folder: Path | None = None) -> tuple[Domain, ...]:
    """The packs of a folder (default: the product's own), checked whole.

    Raises ``ConfigurationError``: ``file: key.path: what was required, got what``.
    """
    domains = load_domains(folder)
    found = [f"{domain.name}.toml: {problem}" for domain in domains for problem in foreign_names(domain)]
    if found:
        raise ConfigurationError("\n".join(found))
    return domains


def foreign_names(domain: Domain, channels: Collection[str] = CHANNEL_NAMES) -> list[str]:
    """Detectors, settings and channels in a pack that nobody answers to."""
    return (
        settings_problems(domain)
        + _facts_problems(domain)
        + _rule_facts_problems(domain)
        + [
            f"{where}: expected some of {sorted(channels)}, got {channel!r}"
            for where, named in _channels(domain)
            for channel in named
            if channel not in channels
        ]
    )


def _channels(domain: Domain) -> Iterator[tuple[str, Collection[str]]]:
    """Every place of a pack that names channels, with those it names."""
    for place, route in enumerate(domain.routes):
        yield f"routes[{place}].channels", route.channels
    for name, step in domain.escalation.items():
        yield f"escalation.{name}.channels", step.channels
    for name, handling in domain.handling.items():
        yield f"handling.{name}.escalate_over", handling.escalate_over
    for name, terms in domain.facts.get("ticket_terms", {}).items():
        yield f"facts.ticket_terms.{name}.channels", terms.get("channels", ())
    yield "facts.accidents.climb.channels", domain.facts.get("accidents", {}).get("climb", {}).get("channels", ())


def _facts_problems(domain: Domain) -> list[str]:
    """What the tables that formal judgement and tickets read are not."""
    try:
        if has_rules(domain):
            rules_of(domain)
        msgspec.convert(domain.facts.get("ticket_terms", {}), dict[str, Terms])
    except ConfigurationError as error:
        return [str(error).partition(": ")[2]]
    except msgspec.ValidationError as error:
        return [f"facts.ticket_terms: {error}"]
    return []


def _rule_facts_problems(domain: Domain) -> list[str]:
    """What is wrong with the facts of integrity rules and of units of hazard sources."""
    found = []
    for read in (
        integrity_facts,
        hazard_facts,
        pack_terms,
        pack_weights,
        declaration_facts,
        carriage_facts,
        box_terms,
        paper_facts,
        _safety_terms,
        _food_terms,
        _yard_terms,
        _city_days,
    ):
        try:
            read(domain)
        except ConfigurationError as error:
            found.append(str(error))
    return found


def _city_days(domain: Domain) -> None:
    city_days(domain.facts)


def _food_terms(domain: Domain) -> None:
    coding_terms(domain.name, domain.facts)
    kitchen_terms(domain.name, domain.facts)


def _yard_terms(domain: Domain) -> None:
    if keeps_yards(domain):
        reference_of(domain)
        yard_facts(domain)


def _safety_terms(domain: Domain) -> None:
    safety_terms(domain.name, domain.facts)


def publish_packs(
    connection: KafkaConnection, domains: Sequence[Domain], effective_ms: int
) -> tuple[PublishedPack, ...]:
    """Put packs on `config`, to hold from event time ``effective_ms``; gives those that were news there.

    A pack that is already the latest of its name is left alone. One that replaces another is announced
    in every partition of the domain's readings, so that each replay changes over at the same place.
    """
    present = read_packs(connection)
    news = [pack for pack in (publish_form(domain, effective_ms) for domain in domains) if _is_news(pack, present)]
    with writer(connection) as producer, reader(connection) as consumer:
        for pack in news:
            put(producer, CONFIG, key=f"domain/{pack.name}".encode(), value=encode(pack))
            if pack.name not in present:
                continue
            topic = f"readings.{pack.name}"
            control = encode(Control("~config", effective_ms, ref=pack.ref))
            for partition in sorted(consumer.partitions_for_topic(topic) or ()):
                put(producer, topic, value=control, partition=partition)
    return tuple(news)


def read_packs(connection: KafkaConnection) -> dict[str, PublishedPack]:
    """The latest published pack of each domain; ``from_published`` makes the ``Domain`` of one."""
    packs: dict[str, PublishedPack] = {}
    for record in records_until_now(connection, CONFIG):
        name = record.key.decode().removeprefix("domain/")
        if record.value is None:
            packs.pop(name, None)
            continue
        try:
            packs[name] = msgspec.json.decode(record.value, type=PublishedPack)
        except msgspec.MsgspecError as error:
            raise ConfigurationError(
                f"{CONFIG}:{record.partition}:{record.offset}: expected a published pack, got: {error}"
            ) from error
    return packs


def domains_of(packs: Mapping[str, PublishedPack]) -> tuple[Domain, ...]:
    """The domains of published packs, in their order. Raises ``ConfigurationError`` for one that does not fit."""
    try:
        domains = [from_published(pack) for pack in packs.values()]
    except ValueError as error:
        raise ConfigurationError(f"{CONFIG}: {error}") from error
    return tuple(sorted(domains, key=lambda domain: (domain.order, domain.name)))


def _is_news(pack: PublishedPack, present: Mapping[str, PublishedPack]) -> bool:
    return pack.name not in present or present[pack.name].hash != pack.hash
