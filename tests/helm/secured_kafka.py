"""A broker as cities have them: TLS, names and passwords, and nobody may do what no rule allows.

Beside it a door without any of that, for the test alone: who comes through it is the administrator.
"""

import contextlib
import datetime as dt
import ipaddress
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from kafka.admin import (
    ACL,
    ACLOperation,
    ACLPermissionType,
    ACLResourcePatternType,
    KafkaAdminClient,
    ResourcePattern,
    ResourceType,
    ScramMechanism,
    UserScramCredentialUpsertion,
)

from streams.flink.cluster import free_port
from tests.brief_kafka import BriefKafka
from topics.connection import KafkaConnection

SETTINGS = r"""listeners=PLAINTEXT://127.0.0.1:{plain},SASL_SSL://127.0.0.1:{secured},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{plain},SASL_SSL://127.0.0.1:{secured}
controller.quorum.voters=1@127.0.0.1:{controller}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,SASL_SSL:SASL_SSL,CONTROLLER:PLAINTEXT
sasl.enabled.mechanisms=SCRAM-SHA-512
listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config=\
  org.apache.kafka.common.security.scram.ScramLoginModule required;
ssl.keystore.type=PEM
ssl.keystore.location={keystore}
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
allow.everyone.if.no.acl.found=false
super.users=User:ANONYMOUS
"""

RESOURCES = {
    "topic": ResourceType.TOPIC,
    "group": ResourceType.GROUP,
    "transactionalId": ResourceType.TRANSACTIONAL_ID,
    "cluster": ResourceType.CLUSTER,
}
OPERATIONS = {
    "Read": ACLOperation.READ,
    "Write": ACLOperation.WRITE,
    "Describe": ACLOperation.DESCRIBE,
    "DescribeConfigs": ACLOperation.DESCRIBE_CONFIGS,
}
PATTERNS = {"literal": ACLResourcePatternType.LITERAL, "prefix": ACLResourcePatternType.PREFIXED}


@dataclass(frozen=True, slots=True)
class SecuredKafka:
    """``user`` is how the product comes in, ``administrator`` how the test does."""

    user: KafkaConnection
    administrator: KafkaConnection


@contextlib.contextmanager
def secured_kafka(folder: Path, name: str, password: str) -> Iterator[SecuredKafka]:
    """A running one, with a user who may do nothing yet."""
    folder.mkdir()
    plain, secured, controller = free_port(), free_port(), free_port()
    ca, keystore = certificate(folder)
    settings = SETTINGS.format(plain=plain, secured=secured, controller=controller, keystore=keystore)
    with BriefKafka(folder / "kafka", settings, port=plain) as broker:
        administrator = KafkaConnection(broker.bootstrap)
        with administration(administrator) as admin:
            made = UserScramCredentialUpsertion(name, ScramMechanism.SCRAM_SHA_512, password, iterations=4096)
            admin.alter_user_scram_credentials([made])
        user = KafkaConnection(f"127.0.0.1:{secured}", "SASL_SSL", "SCRAM-SHA-512", name, password, ca_file=str(ca))
        yield SecuredKafka(user, administrator)


@contextlib.contextmanager
def administration(connection: KafkaConnection) -> Iterator[Any]:
    """An administrator's client."""
    admin = KafkaAdminClient(**connection.for_kafka_python())
    try:
        yield admin
    finally:
        admin.close()


def allow(kafka: SecuredKafka, acls: Sequence[dict[str, Any]]) -> None:
    """Give the user the rights of a KafkaUser resource, as Strimzi's operator would, and no others."""
    rules = [
        ACL(
            f"User:{kafka.user.username}",
            "*",
            OPERATIONS[operation],
            ACLPermissionType.ALLOW,
            ResourcePattern(
                RESOURCES[each["resource"]["type"]],
                each["resource"]["name"],
                PATTERNS[each["resource"]["patternType"]],
            ),
        )
        for each in acls
        for operation in each["operations"]
    ]
    with administration(kafka.administrator) as admin:
        failed = admin.create_acls(rules)["failed"]
    assert not failed, failed


def certificate(folder: Path) -> tuple[Path, Path]:
    """The authority's certificate for clients, and what the broker shows: key and certificate for 127.0.0.1."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    names = [x509.IPAddress(ipaddress.ip_address("127.0.0.1")), x509.DNSName("localhost")]
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(hours=2))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(key, hashes.SHA256())
        .public_bytes(serialization.Encoding.PEM)
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "ca.crt").write_bytes(made)
    (folder / "broker.pem").write_bytes(private + made)
    return folder / "ca.crt", folder / "broker.pem"
