"""Whether any broker of a cluster takes a connection, asked before a client is made.

Clients try for half a minute and leave sockets open when nobody answers; a person wants one sentence at once.
"""

import socket

from topics.connection import KafkaConnection
from topics.errors import ConfigurationError, PartMissing

ANSWER_WITHIN_S = 5.0


def require_broker(connection: KafkaConnection) -> None:
    """Raises ``PartMissing`` naming the addresses if none takes a TCP connection.

    ``ConfigurationError`` if one of them is no address at all.
    """
    reasons = []
    for host, port in _addresses(connection.brokers):
        try:
            socket.create_connection((host, port), ANSWER_WITHIN_S).close()
        except OSError as error:
            reasons.append(f"{host}:{port}: {error.strerror or error}")
        else:
            return
    raise PartMissing(f"Kafka: expected a broker that answers, got {'; '.join(reasons)}")


def _addresses(brokers: str) -> list[tuple[str, int]]:
    addresses = []
    for broker in brokers.split(","):
        host, _, port = broker.strip().rpartition(":")
        if not host or not port.isdecimal():
            raise ConfigurationError(f"brokers: expected host:port[,host:port…], got {brokers!r}")
        addresses.append((host.strip("[]"), int(port)))
    return addresses
