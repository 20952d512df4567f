"""Candidates and what became of them, on the real topics: the server's hand on what the workers judge by."""

import functools
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
from kafka import TopicPartition

from alerts.promotions.trials import Heard, Held, NotPossible, Trials
from detectors.models import unpacked
from streams.artefacts import IN_FORCE
from streams.candidates import candidate_ref_of, models_ref
from streams.log_reading import put, reader, records_until_now, until, writer
from streams.model_shelf import MODELS, version_key
from streams.packs import CONFIG, domains_of, foreign_names
from topics.catalog import CITY_TOPICS
from topics.codec import encode, partition_of
from topics.connection import KafkaConnection
from topics.domain import Domain
from topics.finding import Finding
from topics.published_pack import PublishedPack, content_hash, from_published
from topics.reading import Control, parse_series
from topics.shadow import CANDIDATES, SHADOW_FINDINGS, Candidate, ShadowWord

FINDINGS = "findings"

#: A broker's clock and ours may differ by so much.
CLOCKS_MS = 60_000

#: The largest candidate its topic takes, less what a record costs besides.
LARGEST_BYTES = next(topic.max_message_bytes for topic in CITY_TOPICS if topic.name == CANDIDATES) - 4_096


class KafkaTrials(Trials):
    """``prefix`` stands before the names of the city's topics, as in the server."""

    def __init__(self, connection: KafkaConnection, *, prefix: str = "") -> None:
        self._connection = connection
        self._prefix = prefix

    def start(self, candidate: Candidate) -> None:
        live = self._pack(candidate.domain)
        if problems := misfits(live, candidate):
            raise NotPossible("candidate: " + "; ".join(problems))
        body = encode(candidate)
        if len(body) > LARGEST_BYTES:
            raise NotPossible(f"candidate: expected at most {LARGEST_BYTES:,} bytes, got {len(body):,}")
        with writer(self._connection) as producer:
            put(producer, self._prefix + CANDIDATES, key=candidate.key.encode(), value=body)
            ref = candidate_ref_of(candidate)
            self._say(producer, live.topic, [Control("~shadow", candidate.begun, ref=ref)])

    def stop(self, domain: str, time_ms: int) -> None:
        with writer(self._connection) as producer:
            self._say(producer, self._pack(domain).topic, [Control("~shadow", time_ms)])

    def candidates(self, domain: str) -> Iterable[Candidate]:
        found: dict[str, Candidate] = {}
        for record in records_until_now(self._connection, self._prefix + CANDIDATES):
            key = (record.key or b"").decode()
            if key.startswith(f"shadow/{domain}/"):
                found.pop(key, None)
                if record.value:
                    found[key] = msgspec.json.decode(record.value, type=Candidate)
        return list(found.values())

    def heard(self, candidate: Candidate) -> Heard:
        since = candidate.created - CLOCKS_MS
        words = {}
        for value in self._since(SHADOW_FINDINGS, since):
            word = msgspec.json.decode(value, type=ShadowWord)
            if word.run == candidate.id:
                words[_identity(word)] = word
        topic = self._pack(candidate.domain).topic
        live = {}
        for value in self._since(FINDINGS, since):
            finding = _finding(value)
            if finding is not None and finding.origin.topic == topic:
                live[finding.id, finding.seq] = finding
        return Heard(list(words.values()), list(live.values()), self._partitions(topic))

    def held(self, domain: str) -> Held:
        return Held(self._published(domain).domain, self._models_in_force(domain))

    def promote(self, candidate: Candidate, time_ms: int) -> Held:
        before = self.held(candidate.domain)
        models = models_ref(candidate.models, version_key(candidate.domain, time_ms)) if candidate.models else ""
        after = Held(candidate.pack if candidate.pack is not None else before.pack, models or before.models)
        with writer(self._connection) as producer:
            if candidate.models is not None:
                key = version_key(candidate.domain, time_ms).encode()
                put(producer, self._prefix + MODELS, key=key, value=candidate.models)
            self._bring(producer, candidate.domain, before, after, time_ms)
        return after

    def put_back(self, domain: str, before: Held, time_ms: int) -> None:
        now = self.held(domain)
        if now.models != before.models and not self._there(before.models):
            got = "none were in force then" if not before.models else "they are gone"
            raise NotPossible(f"rollback {domain}: expected models {before.models!r} on topic {MODELS}: {got}")
        with writer(self._connection) as producer:
            self._bring(producer, domain, now, before, time_ms)

    def new_normal(self, domain: str, series: str, who: str, reason: str, time_ms: int) -> dict[str, Any]:
        topic = self._pack(domain).topic
        if not (partitions := self._partitions(topic)):
            raise NotPossible(f"series: expected the topic {topic} on the broker, got none")
        partition = partition_of(parse_series(series).site, partitions)
        word = Control("~normal", time_ms, subject=series, by=who, reason=reason)
        with writer(self._connection) as producer:
            put(producer, topic, value=encode(word), partition=partition)
        return {"topic": topic, "partition": partition}

    def _bring(self, producer: Any, domain: str, now: Held, then: Held, time_ms: int) -> None:
        """Put in force what differs, at one place in each partition, and end what runs in the shadow there."""
        words = [Control("~shadow", time_ms)]
        if content_hash(then.pack) != content_hash(now.pack):
            pack = PublishedPack(domain, content_hash(then.pack), time_ms, then.pack)
            put(producer, self._prefix + CONFIG, key=f"domain/{domain}".encode(), value=encode(pack))
            words.append(Control("~config", time_ms, ref=pack.ref))
        if then.models != now.models:
            words.append(Control("~model", time_ms, ref=then.models))
        self._say(producer, f"readings.{domain}", words)
        if then.models != now.models:
            key = f"{domain}{IN_FORCE}".encode()
            put(producer, self._prefix + MODELS, key=key, value=encode(words[-1]))

    def _say(self, producer: Any, topic: str, words: list[Control]) -> None:
        for partition in range(self._partitions(topic)):
            for word in words:
                put(producer, topic, value=encode(word), partition=partition)

    def _published(self, domain: str) -> PublishedPack:
        found = None
        for record in records_until_now(self._connection, self._prefix + CONFIG):
            if (record.key or b"").decode() == f"domain/{domain}":
                found = msgspec.json.decode(record.value, type=PublishedPack) if record.value else None
        if found is None:
            raise NotPossible(f"domain {domain}: expected its pack on topic {CONFIG}, got none")
        return found

    def _pack(self, domain: str) -> Domain:
        (pack,) = domains_of({domain: self._published(domain)})
        return pack

    def _models_in_force(self, domain: str) -> str:
        ref = ""
        for record in records_until_now(self._connection, self._prefix + MODELS):
            if (record.key or b"").decode() == f"{domain}{IN_FORCE}" and record.value:
                ref = msgspec.json.decode(record.value, type=Control).ref
        return ref

    def _there(self, ref: str) -> bool:
        key = ref.rpartition("@")[0]
        return any(
            (record.key or b"").decode() == key and record.value and models_ref(record.value, key) == ref
            for record in records_until_now(self._connection, self._prefix + MODELS)
        )

    def _partitions(self, topic: str) -> int:
        with reader(self._connection) as consumer:
            return len(consumer.partitions_for_topic(topic) or ())

    def _since(self, topic: str, wall_ms: int) -> Iterator[bytes]:
        """The values of a topic's records that the broker took from this wall time on."""
        with reader(self._connection) as consumer:
            for partition in sorted(consumer.partitions_for_topic(self._prefix + topic) or ()):
                place = TopicPartition(self._prefix + topic, partition)
                consumer.assign([place])
                first = consumer.offsets_for_times({place: wall_ms})[place]
                if first is not None:
                    consumer.seek(place, first.offset)
                    end = consumer.end_offsets([place])[place]
                    yield from (record.value for record in until(consumer, place, end) if record.value)


def misfits(live: Domain, candidate: Candidate) -> list[str]:
    """Why a candidate cannot run beside this pack. It may have other settings, chains, limits and models, but the same
    series must come to it."""
    problems: list[str] = []
    if candidate.pack is not None:
        published = PublishedPack(candidate.domain, content_hash(candidate.pack), candidate.begun, candidate.pack)
        try:
            pack = from_published(published)
        except (ValueError, msgspec.MsgspecError) as error:
            return [str(error)]
        problems += foreign_names(pack)
        for name in ("name", "events", "partitions", "scheme"):
            if getattr(pack, name) != getattr(live, name):
                problems.append(f"{name}: expected {getattr(live, name)!r} as in force, got {getattr(pack, name)!r}")
        if pack.quantities.keys() != live.quantities.keys():
            problems.append(
                f"quantities: expected {sorted(live.quantities)} as in force, got {sorted(pack.quantities)}"
            )
        for name in pack.quantities.keys() & live.quantities.keys():
            for field in ("unit", "sensor_class"):
                was, now = getattr(live.quantities[name], field), getattr(pack.quantities[name], field)
                if was != now:
                    problems.append(f"quantities.{name}.{field}: expected {was!r} as in force, got {now!r}")
    if candidate.models is not None:
        try:
            models = unpacked(candidate.models)
            if models.domain != candidate.domain:
                problems.append(f"models: expected those of domain {candidate.domain}, got {models.domain}")
        except ValueError as error:
            problems.append(str(error))
    return problems


def _identity(word: ShadowWord) -> tuple[Any, ...]:
    """What a word is known by when it comes again after a crash; cost is what it really cost, each time."""
    if word.finding is not None:
        return word.finding.id, word.finding.seq
    cost = (word.live_s, word.candidate_s) if word.kind == "cost" else ()
    return word.kind, word.partition, word.offset, *cost


_DECODER = functools.partial(msgspec.json.decode, type=Finding)


def _finding(value: bytes) -> Finding | None:
    try:
        found: Finding = _DECODER(value)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
    return found
