"""The options by which a command reaches a cluster and its packs; what is not given comes from the settings."""

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from streams.settings import Settings, load_settings

Brokers: TypeAlias = Annotated[str | None, typer.Option("--brokers", help="host:port[,host:port…] of the cluster")]
Protocol: TypeAlias = Annotated[
    str | None, typer.Option("--security-protocol", help="PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL")
]
Mechanism: TypeAlias = Annotated[
    str | None, typer.Option("--sasl-mechanism", help="PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512")
]
Username: TypeAlias = Annotated[str | None, typer.Option("--sasl-username", help="SASL user")]
Password: TypeAlias = Annotated[
    str | None, typer.Option("--sasl-password", help="SASL password; better in CITYBRAIN_KAFKA_PASSWORD")
]
CaFile: TypeAlias = Annotated[str | None, typer.Option("--ssl-ca-file", help="certificate authorities, PEM")]
CertFile: TypeAlias = Annotated[str | None, typer.Option("--ssl-cert-file", help="client certificate, PEM")]
KeyFile: TypeAlias = Annotated[str | None, typer.Option("--ssl-key-file", help="client key, PEM")]
Domains: TypeAlias = Annotated[
    Path | None, typer.Option("--domains", help="folder of domain packs instead of the product's own")
]
AsJson: TypeAlias = Annotated[bool, typer.Option("--json", help="one JSON object on standard output")]


def settings_of(
    brokers: str | None = None,
    protocol: str | None = None,
    mechanism: str | None = None,
    username: str | None = None,
    password: str | None = None,
    ca_file: str | None = None,
    cert_file: str | None = None,
    key_file: str | None = None,
    domains: Path | None = None,
) -> Settings:
    """The settings with these options on top."""
    return load_settings(
        brokers=brokers,
        kafka_protocol=protocol,
        kafka_mechanism=mechanism,
        kafka_username=username,
        kafka_password=password,
        kafka_ca_file=ca_file,
        kafka_cert_file=cert_file,
        kafka_key_file=key_file,
        domains_dir=None if domains is None else str(domains),
    )
