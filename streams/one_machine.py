"""All parts of a deployment on one machine: the broker, its topics and packs, and the processes beside it.

`citybrain up` and `citybrain demo` are both this; the demonstration adds a stand-in bureau and a played day.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from streams.packs import load_packs, publish_packs
from streams.settings import Settings, child_environment
from streams.supervise import Part, Supervisor
from topics.broker import EmbeddedKafka
from topics.catalog import catalog
from topics.connection import KafkaConnection
from topics.declare import declare
from topics.domain import Domain


@dataclass(slots=True)
class Machine:
    """A running machine: where its broker is, which packs it follows, and its processes."""

    settings: Settings
    kafka: KafkaConnection
    domains: Sequence[Domain]
    supervisor: Supervisor
    broker: EmbeddedKafka | None

    def part(self, name: str, *words: str) -> Part:
        """A process of ours that reads the same settings, with its log in the data folder."""
        return Part(name, words or (name,), self.settings.data / "logs", self.environment)

    @property
    def environment(self) -> dict[str, str]:
        """The environment of the parts: ours, with every setting in force spelled out."""
        return child_environment(self.settings, brokers=self.kafka.brokers)


@contextmanager
def one_machine(
    settings: Settings,
    *,
    own_broker: bool,
    say: Callable[[str], None],
    effective_ms: int,
    domains: Sequence[Domain] | None = None,
) -> Iterator[Machine]:
    """Start the broker (unless the city's own is used), declare the topics and publish the packs.

    ``effective_ms`` is the event time from which the packs hold, ``domains`` are packs instead of those of the
    settings' folder. On leaving, every part is ended, the broker last.
    Raises ``PartMissing`` or ``ConfigurationError`` in one sentence.
    """
    domains = load_packs(settings.domains) if domains is None else domains
    broker = EmbeddedKafka(
        Path(settings.data) / "kafka", port=settings.kafka_port, java_home=settings.java_home or None, say=say
    )
    try:
        if own_broker:
            say("starting Kafka")
            broker.start()
            kafka = KafkaConnection(broker.bootstrap)
        else:
            kafka = settings.kafka
        say("declaring topics and publishing the domain packs")
        declare(kafka, catalog(domains))
        publish_packs(kafka, domains, effective_ms)
        with Supervisor() as supervisor:
            yield Machine(settings, kafka, domains, supervisor, broker if own_broker else None)
    finally:
        broker.stop()
