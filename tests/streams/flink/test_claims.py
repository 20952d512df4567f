"""Claims are totals since the job began; what one says beyond the one before it is what nobody has judged yet."""

from dataclasses import replace

import pytest

from streams.flink.claims import Claim, claims_query, client_options, quoted, sink_table, source_table
from topics.connection import KafkaConnection
from topics.errors import ConfigurationError


def test_a_claim_says_beyond_the_one_before_it_what_has_been_read_since() -> None:
    first = Claim.of("readings.water.v2/3", 40, 100, 149)  # ten offsets in between hold ends of transactions
    assert first == Claim("readings.water.v2", 3, count=40, first=100, last=149)
    assert first.since(None) == first
    assert Claim.of("readings.water.v2/3", 47, 100, 159).since(first) == Claim("readings.water.v2", 3, 7, 150, 159)


def test_what_stands_in_an_option_ends_no_text_of_sql() -> None:
    said = quoted({"properties.sasl.jaas.config": "login user='city'"})
    assert said == "'properties.sasl.jaas.config' = 'login user=''city'''"


def test_a_password_ends_no_text_of_the_login() -> None:
    kafka = KafkaConnection("broker:9093", "SASL_SSL", "SCRAM-SHA-512", "city", 'a"b\\c')
    login = client_options(kafka)["properties.sasl.jaas.config"]
    assert login.endswith('required username="city" password="a\\"b\\\\c";')


def test_a_key_in_a_file_of_its_own_is_refused_before_the_job_fails_on_it() -> None:
    kafka = KafkaConnection("broker:9093", "SSL", cert_file="client.pem", key_file="client.pem")
    assert client_options(kafka)["properties.ssl.keystore.location"] == "client.pem"
    with pytest.raises(ConfigurationError, match=r"expected the key within kafka_cert_file.*got 'key.pem'"):
        client_options(replace(kafka, key_file="key.pem"))


def test_the_source_begins_where_its_group_stands_and_the_sink_says_its_guarantee() -> None:
    kafka = KafkaConnection("broker:9092")
    source = source_table(kafka, ["readings.a", "events.a"], "city-flink")
    assert "'topic' = 'readings.a;events.a'" in source and "'properties.group.id' = 'city-flink'" in source
    assert "'properties.auto.offset.reset' = 'earliest'" in source
    assert "'sink.delivery-guarantee' = 'at-least-once'" in sink_table(kafka, ["findings"], "at-least-once", "city")
    once = sink_table(kafka, ["findings"], "exactly-once", "city")
    assert "'sink.delivery-guarantee' = 'exactly-once'" in once and "'sink.transactional-id-prefix' = 'city'" in once


def test_partitions_are_counted_apart() -> None:
    assert claims_query().endswith("GROUP BY topic, part)")
