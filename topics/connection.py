"""How to reach a cluster: its address and the usual security settings, in each client's own words."""

import ssl
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class KafkaConnection:
    """Bootstrap address and security of a cluster; the empty strings mean "not used".

    ``protocol`` is PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL; ``mechanism`` PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512.
    """

    brokers: str
    protocol: str = "PLAINTEXT"
    mechanism: str = ""
    username: str = ""
    password: str = ""
    ca_file: str = ""
    cert_file: str = ""
    key_file: str = ""

    def for_kafka_python(self) -> dict[str, Any]:
        """Keyword arguments for kafka-python's clients."""
        words = self._shared()
        if self.ca_file:
            words["ssl_cafile"] = self.ca_file
        if self.cert_file:
            words |= {"ssl_certfile": self.cert_file, "ssl_keyfile": self.key_file or self.cert_file}
        return words

    def for_aiokafka(self) -> dict[str, Any]:
        """Keyword arguments for aiokafka's clients."""
        words = self._shared()
        if context := self.ssl_context():
            words["ssl_context"] = context
        return words

    def ssl_context(self) -> ssl.SSLContext | None:
        """The TLS settings, ``None`` where the protocol has no TLS."""
        if not self.protocol.endswith("SSL"):
            return None
        context = ssl.create_default_context(cafile=self.ca_file or None)
        if self.cert_file:
            context.load_cert_chain(self.cert_file, self.key_file or None)
        return context

    def _shared(self) -> dict[str, Any]:
        words: dict[str, Any] = {"bootstrap_servers": self.brokers, "security_protocol": self.protocol}
        if self.protocol.startswith("SASL"):
            words |= {
                "sasl_mechanism": self.mechanism or "PLAIN",
                "sasl_plain_username": self.username,
                "sasl_plain_password": self.password,
            }
        return words
