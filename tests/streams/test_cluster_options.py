"""The options of a cluster reach the clients; what is not given stays as the settings say."""

from pathlib import Path

from streams.commands.cluster import settings_of


def test_security_options_are_passed_through_to_the_clients() -> None:
    settings = settings_of(
        "b1:9093,b2:9093",
        "SASL_SSL",
        "SCRAM-SHA-512",
        "city",
        "a password",
        "ca.pem",
        "cert.pem",
        "key.pem",
        Path("packs"),
    )
    assert settings.kafka.for_kafka_python() == {
        "bootstrap_servers": "b1:9093,b2:9093",
        "security_protocol": "SASL_SSL",
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": "city",
        "sasl_plain_password": "a password",
        "ssl_cafile": "ca.pem",
        "ssl_certfile": "cert.pem",
        "ssl_keyfile": "key.pem",
    }
    assert settings.domains == Path("packs")


def test_what_is_not_given_stays_as_it_is() -> None:
    settings = settings_of()
    assert settings.kafka.for_kafka_python()["security_protocol"] == "PLAINTEXT"
    assert settings.domains is None
