"""The JVM's part of the hot path, as SQL: it follows the log and tells by claims how far each partition has come.

A claim carries no readings. Whoever judges reads the very records of the range, as the Faust worker does
(docs/decisions/0021): nothing is lost on the way through a string, and a message need not cross from the JVM to
Python and back into state. They go on to whatever has come behind it, so that claims that wait do not make them late.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from topics.connection import KafkaConnection
from topics.errors import ConfigurationError

#: How long the JVM gathers what becomes one claim: how often Python is woken, and half of it a reading waits.
GATHER_S = 0.1

#: The planner's settings that claims need. Without its micro-batches each record would cross from the source's thread
#: to the aggregate's, and be a claim of its own; so they are counted where they are read.
MICRO_BATCHES = {
    "table.exec.mini-batch.enabled": "true",
    "table.exec.mini-batch.allow-latency": f"{GATHER_S * 1000:.0f} ms",
    "table.exec.mini-batch.size": "1000000",
    "table.optimizer.agg-phase-strategy": "TWO_PHASE",
}

#: A partition that gives nothing for so long does not hold up the others' watermarks.
IDLE_S = 1.0


#: Where the connector's archive has Kafka's own client.
SHADED = "org.apache.flink.kafka.shaded.org.apache.kafka"


@dataclass(frozen=True, slots=True)
class Claim:
    """The source has read ``count`` records of partition ``partition`` of ``topic`` since the job began, from offset
    ``first`` to ``last`` (included)."""

    topic: str
    partition: int
    count: int
    first: int
    last: int

    @classmethod
    def of(cls, shard: str, count: int, first: int, last: int) -> "Claim":
        """``shard`` is the key: ``<topic>/<partition>``."""
        topic, _, partition = shard.rpartition("/")
        return cls(topic, int(partition), count, first, last)

    def since(self, before: "Claim | None") -> "Claim":
        """What this one says beyond the one before it."""
        if before is None:
            return self
        return Claim(self.topic, self.partition, self.count - before.count, before.last + 1, self.last)


def source_table(connection: KafkaConnection, topics: Sequence[str], group: str) -> str:
    """The log as a table. Its watermarks are Kafka's own stamps less a second; lateness is the kernel's business.

    What is read first is what ``group`` has committed, else the beginning.
    """
    options = {
        "connector": "kafka",
        "topic": ";".join(topics),
        "scan.startup.mode": "group-offsets",
        "scan.watermark.idle-timeout": f"{IDLE_S:g} s",
        "value.format": "raw",
        "properties.group.id": group,
        "properties.auto.offset.reset": "earliest",
        # A fetch waits for half a megabyte, or this long: claims are cut each 100 ms, and hundreds of small fetches a
        # second take more of the broker and the JVM than the records in them.
        "properties.fetch.min.bytes": "524288",
        "properties.fetch.max.wait.ms": "25",
        # Each poll is handed from the fetcher's thread to the source's: half a thousand records, Kafka's default, make
        # two hundred of that a second.
        "properties.max.poll.records": "4000",
        **client_options(connection),
    }
    return (
        "CREATE TABLE log ("
        "body BYTES, topic STRING METADATA VIRTUAL, part INT METADATA FROM 'partition' VIRTUAL, "
        "place BIGINT METADATA FROM 'offset' VIRTUAL, stamp TIMESTAMP_LTZ(3) METADATA FROM 'timestamp' VIRTUAL, "
        "WATERMARK FOR stamp AS stamp - INTERVAL '1' SECOND"
        f") WITH ({quoted(options)})"
    )


def claims_query() -> str:
    """Rows of ``shard`` and the claim's numbers, each of which replaces the one before."""
    return (
        "SELECT CONCAT(topic, '/', CAST(part AS STRING)) AS shard, ROW(n, f, l) AS claim FROM ("
        "SELECT topic, part, COUNT(*) AS n, MIN(place) AS f, MAX(place) AS l FROM log GROUP BY topic, part)"
    )


def sink_table(connection: KafkaConnection, topics: Sequence[str], guarantee: str, prefix: str) -> str:
    """The way out. ``guarantee`` is ``at-least-once`` or ``exactly-once``; Flink's own default would be none."""
    options = {
        "connector": "kafka",
        "topic": ";".join(topics),
        "key.format": "raw",
        "key.fields": "record_key",
        "value.format": "raw",
        "value.fields-include": "EXCEPT_KEY",
        "sink.delivery-guarantee": guarantee,
        "properties.acks": "all",
        "properties.linger.ms": "2",
        "properties.max.request.size": "9437184",
        **client_options(connection),
    }
    if guarantee == "exactly-once":
        # Within the broker's own bound (transaction.max.timeout.ms, a quarter of an hour by default).
        options |= {"sink.transactional-id-prefix": prefix, "properties.transaction.timeout.ms": "600000"}
    return (
        "CREATE TABLE outlet (record_key BYTES, body BYTES, topic STRING METADATA, headers MAP<STRING, BYTES> METADATA"
        f") WITH ({quoted(options)})"
    )


def client_options(connection: KafkaConnection) -> dict[str, str]:
    """The connection in the words of Kafka's Java client.

    Raises ``ConfigurationError`` for a key in a file of its own: that client reads key and certificates from one.
    """
    if connection.key_file not in ("", connection.cert_file):
        raise ConfigurationError(
            "kafka_key_file: expected the key within kafka_cert_file with --engine flink, because Kafka's Java client "
            f"reads both from one PEM file; got {connection.key_file!r}"
        )
    options = {"bootstrap.servers": connection.brokers, "security.protocol": connection.protocol}
    if connection.protocol.startswith("SASL"):
        scram = connection.mechanism.startswith("SCRAM")
        module = f"{SHADED}.common.security.{'scram.Scram' if scram else 'plain.Plain'}LoginModule"
        login = f"{module} required username={_jaas(connection.username)} password={_jaas(connection.password)};"
        options |= {"sasl.mechanism": connection.mechanism or "PLAIN", "sasl.jaas.config": login}
    if connection.ca_file:
        options |= {"ssl.truststore.type": "PEM", "ssl.truststore.location": connection.ca_file}
    if connection.cert_file:
        options |= {"ssl.keystore.type": "PEM", "ssl.keystore.location": connection.cert_file}
    return {f"properties.{name}": value for name, value in options.items()}


def _jaas(word: str) -> str:
    """A word as Java's login configuration wants it: quoted, and what would end the quotation escaped."""
    escaped = word.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def quoted(options: dict[str, str]) -> str:
    """SQL's list of options; a quote within a value is doubled."""
    return ", ".join(f"'{name}' = '{value.replace(chr(39), chr(39) * 2)}'" for name, value in options.items())
