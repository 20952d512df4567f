"""Settings: one table, three lines of precedence, errors that name the variable."""

from dataclasses import fields

import pytest

from streams.settings import SETTINGS, Settings, load_settings, misspelt
from topics.errors import ConfigurationError


def test_the_table_and_the_values_are_the_same_names_in_the_same_order() -> None:
    assert [setting.name for setting in SETTINGS] == [field.name for field in fields(Settings)]


def test_option_beats_environment_beats_default() -> None:
    assert load_settings({}).brokers == "127.0.0.1:9092"
    assert load_settings({"CITYBRAIN_BROKERS": "kafka:9092"}).brokers == "kafka:9092"
    assert load_settings({"CITYBRAIN_BROKERS": "kafka:9092"}, brokers="other:1").brokers == "other:1"
    assert load_settings({"CITYBRAIN_BROKERS": "kafka:9092"}, brokers=None).brokers == "kafka:9092"


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({"CITYBRAIN_SERVER_PORT": "many"}, "CITYBRAIN_SERVER_PORT: expected int, got 'many'"),
        ({"CITYBRAIN_SERVER_PORT": "70000"}, "server_port: expected 0 to 65535, got 70000"),
        ({"CITYBRAIN_ZONE": "Asia/Nowhere"}, "zone: expected an IANA time zone, got 'Asia/Nowhere'"),
        ({"CITYBRAIN_FIT_HOUR": "24"}, "fit_hour: expected -1 to 23, got 24"),
        ({"CITYBRAIN_LANGUAGE": "fr"}, "language: expected zh or en, got 'fr'"),
    ],
)
def test_a_wrong_value_is_named(environment: dict[str, str], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        load_settings(environment)


def test_an_unknown_option_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="brooker"):
        load_settings({}, brooker="x")


def test_security_reaches_both_clients_in_their_own_words() -> None:
    settings = load_settings(
        {
            "CITYBRAIN_KAFKA_PROTOCOL": "SASL_PLAINTEXT",
            "CITYBRAIN_KAFKA_MECHANISM": "SCRAM-SHA-512",
            "CITYBRAIN_KAFKA_USERNAME": "brain",
            "CITYBRAIN_KAFKA_PASSWORD": "secret",
        }
    )
    for words in (settings.kafka.for_kafka_python(), settings.kafka.for_aiokafka()):
        assert words["security_protocol"] == "SASL_PLAINTEXT"
        assert words["sasl_mechanism"] == "SCRAM-SHA-512"
        assert (words["sasl_plain_username"], words["sasl_plain_password"]) == ("brain", "secret")


def test_a_misspelt_variable_is_named_with_the_setting_it_was_meant_for_and_others_are_left_alone() -> None:
    right = {setting.variable: "1" for setting in SETTINGS}
    others = {"CITYBRAIN_FULL_SIZE": "1", "CITYBRAIN_SERVER_PORT_8400_TCP": "tcp://10.0.0.1:8400", "PATH": "/bin"}
    assert misspelt(right | others) == []
    (said,) = misspelt(right | others | {"CITYBRAIN_SERVER_PROT": "8400"})
    assert said.startswith("CITYBRAIN_SERVER_PROT: expected a setting")
    assert "perhaps CITYBRAIN_SERVER_PORT;" in said
