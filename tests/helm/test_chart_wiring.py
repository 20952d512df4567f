"""What a resource of the chart names is there: pods of selectors, ports of probes, volumes, claims and services; and
what one part must say to another no policy forbids."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import yaml

from streams.metric_table import BY_NAME
from streams.settings import load_settings
from streams.worker_metrics import OF_THE_JOB
from tests.helm.conftest import Helm, template
from tests.helm.resources import Resource, matches, of_kind, templates
from tests.helm.test_chart import FILES

Rendered = Callable[[str], list[Resource]]


def selectors(resources: list[Resource]) -> Iterator[tuple[str, Resource]]:
    """Place and selector of all that chooses pods."""
    for each in resources:
        where, spec = f"{each['kind']} {each['metadata']['name']}", each.get("spec", {})
        if each["kind"] == "Service":
            yield where, {"matchLabels": spec["selector"]}
        if each["kind"] in ("PodDisruptionBudget", "PodMonitor", "StatefulSet", "Deployment"):
            yield where, spec["selector"]
        if each["kind"] == "NetworkPolicy":
            yield where, spec["podSelector"]


def labels_of(template: Resource) -> dict[str, str]:
    labels: dict[str, str] = template["metadata"]["labels"]
    return labels


@pytest.mark.parametrize("name", FILES)
def test_every_selector_finds_pods(rendered: Rendered, name: str) -> None:
    labels = [labels_of(each) for _, each in templates(rendered(name))]
    for where, selector in selectors(rendered(name)):
        assert any(matches(selector, each) for each in labels), where
    services = [each["metadata"]["labels"] for each in of_kind(rendered(name), "Service")]
    for monitor in of_kind(rendered(name), "ServiceMonitor"):
        assert any(matches(monitor["spec"]["selector"], each) for each in services), monitor["metadata"]["name"]


@pytest.mark.parametrize("name", FILES)
def test_every_port_that_is_named_is_open(rendered: Rendered, name: str) -> None:
    resources = rendered(name)
    ports = {
        where: {port["name"] for each in one["spec"]["containers"] for port in each.get("ports", [])}
        for where, one in templates(resources)
    }
    for where, one in templates(resources):
        for each in one["spec"]["containers"]:
            probes = [each[kind] for kind in ("livenessProbe", "readinessProbe") if kind in each]
            asked = {probe[way]["port"] for probe in probes for way in ("httpGet", "tcpSocket") if way in probe}
            assert asked <= ports[where], where
    for service in of_kind(resources, "Service"):
        behind = {
            port
            for where, one in templates(resources)
            if matches({"matchLabels": service["spec"]["selector"]}, labels_of(one))
            for port in ports[where]
        }
        assert {port["targetPort"] for port in service["spec"]["ports"]} <= behind, service["metadata"]["name"]
    for monitor in of_kind(resources, "ServiceMonitor"):
        open_ports = {
            port["name"]
            for service in of_kind(resources, "Service")
            if matches(monitor["spec"]["selector"], service["metadata"]["labels"])
            for port in service["spec"]["ports"]
        }
        assert {each["port"] for each in monitor["spec"]["endpoints"]} <= open_ports, monitor["metadata"]["name"]


@pytest.mark.parametrize("name", FILES)
def test_every_volume_and_claim_that_is_named_is_there(rendered: Rendered, name: str) -> None:
    resources = rendered(name)
    made = {(each["kind"], each["metadata"]["name"]) for each in resources}
    claimed = {
        (each["metadata"]["name"], claim["metadata"]["name"])
        for each in of_kind(resources, "StatefulSet")
        for claim in each["spec"].get("volumeClaimTemplates", [])
    }
    for where, one in templates(resources):
        volumes = {each["name"]: each for each in one["spec"].get("volumes", [])}
        for each in one["spec"].get("initContainers", []) + one["spec"]["containers"]:
            for mount in each["volumeMounts"]:
                assert mount["name"] in volumes or (where, mount["name"]) in claimed, f"{where}: {mount['name']}"
        for each in volumes.values():
            if "configMap" in each:
                assert ("ConfigMap", each["configMap"]["name"]) in made, where
            if "persistentVolumeClaim" in each:
                assert ("PersistentVolumeClaim", each["persistentVolumeClaim"]["claimName"]) in made, where
    for each in of_kind(resources, "StatefulSet"):
        assert ("Service", each["spec"]["serviceName"]) in made
    for each in of_kind(resources, "ScaledObject"):
        target = each["spec"]["scaleTargetRef"]
        assert (target["kind"], target["name"]) in made


def ways_out(resources: list[Resource], labels: dict[str, str]) -> set[int]:
    """The TCP ports that a pod with these labels may reach anywhere."""
    return {
        port["port"]
        for policy in of_kind(resources, "NetworkPolicy")
        if matches(policy["spec"]["podSelector"], labels)
        for rule in policy["spec"].get("egress", [])
        if "to" not in rule
        for port in rule["ports"]
        if port["protocol"] == "TCP"
    }


@pytest.mark.parametrize("name", ["full", "flink"])
def test_every_part_reaches_names_and_brokers_and_those_with_a_store_the_store(rendered: Rendered, name: str) -> None:
    resources = rendered(name)
    for where, one in templates(resources):
        given = {row["name"] for each in one["spec"]["containers"] for row in each["env"]}
        ports = ways_out(resources, labels_of(one))
        assert ports >= {53, 9093}, where
        assert (5432 in ports) == ("CITYBRAIN_STORE_URL" in given), where


def test_the_way_to_brokers_follows_their_addresses(helm: Helm) -> None:
    done = template(helm, "full", "--set-string", r"kafka.brokers=a:9095\,b:9096")
    resources = [each for each in yaml.safe_load_all(done.stdout) if each]
    for _, one in templates(resources):
        assert ways_out(resources, labels_of(one)) >= {9093, 9095, 9096}


def test_prometheus_is_let_in_by_the_server_and_asks_only_the_one_that_works(rendered: Rendered) -> None:
    """It asks by the pod's address, and the server answers to no name that it was not given."""
    (server,) = of_kind(rendered("full"), "Deployment", "-server")
    env = server["spec"]["template"]["spec"]["containers"][0]["env"]
    names = [row["name"] for row in env]
    assert env[names.index("POD_IP")]["valueFrom"]["fieldRef"]["fieldPath"] == "status.podIP"
    # Kubernetes puts in what stands above it.
    assert names.index("POD_IP") < names.index("CITYBRAIN_SERVER_HOSTS")
    hosts = env[names.index("CITYBRAIN_SERVER_HOSTS")]["value"].replace("$(POD_IP)", "10.0.0.7")
    assert load_settings({"CITYBRAIN_SERVER_HOSTS": hosts}).server_hosts.split(",")[-1] == "10.0.0.7"
    (monitor,) = of_kind(rendered("full"), "ServiceMonitor", "-server")
    (endpoint,) = monitor["spec"]["endpoints"]
    (rule,) = endpoint["relabelings"]
    assert (rule["action"], rule["regex"]) == ("keep", "true")
    # The operator gives up a monitor whose key is missing, `optional` or not: so it is named only where it is given.
    assert endpoint["tlsConfig"]["ca"]["secret"] == {"name": "citybrain-authority", "key": "ca.crt"}


@pytest.mark.parametrize("protocol", ["SASL_SSL", "SSL", "SASL_PLAINTEXT", "PLAINTEXT"])
def test_keda_speaks_to_the_brokers_as_the_parts_do(helm: Helm, protocol: str) -> None:
    done = template(helm, "full", "--set", f"kafka.protocol={protocol}")
    resources = [each for each in yaml.safe_load_all(done.stdout) if each]
    told = {
        each["parameter"]: each
        for one in of_kind(resources, "TriggerAuthentication")
        for each in one["spec"]["secretTargetRef"]
    }
    (scaler,) = of_kind(resources, "ScaledObject")
    assert all(("authenticationRef" in each) == (protocol != "PLAINTEXT") for each in scaler["spec"]["triggers"])
    assert ({"sasl", "username", "password"} <= told.keys()) == protocol.startswith("SASL")
    secrets = of_kind(resources, "Secret", "-lag")
    assert [each["stringData"]["tls"] for each in secrets] == {
        "SASL_SSL": ["enable"], "SSL": ["enable"], "SASL_PLAINTEXT": ["disable"], "PLAINTEXT": []
    }[protocol]  # fmt: skip
    assert all("password" not in each["stringData"] for each in secrets)
    assert bool(of_kind(resources, "KafkaUser")) == protocol.startswith("SASL")


def test_strimzis_resources_are_of_the_version_that_the_cluster_knows(helm: Helm) -> None:
    def version(*more: str) -> set[str]:
        resources = [each for each in yaml.safe_load_all(template(helm, "full", *more).stdout) if each]
        return {each["apiVersion"] for each in resources if each["kind"] in ("KafkaTopic", "KafkaUser")}

    assert version() == {"kafka.strimzi.io/v1beta2"}
    assert version("--api-versions", "kafka.strimzi.io/v1") == {"kafka.strimzi.io/v1"}


def test_files_that_settings_name_lie_in_the_pods(rendered: Rendered) -> None:
    resources = rendered("full")
    (files,) = of_kind(resources, "ConfigMap", "-files")
    for where, one in templates(resources):
        for each in one["spec"]["containers"]:
            path = {row["name"]: row.get("value") for row in each["env"]}.get("CITYBRAIN_DESKS_FILE")
            if path is not None:
                (mount,) = (each for each in each["volumeMounts"] if path.startswith(f"{each['mountPath']}/"))
                assert mount["name"] == "files" and path.rpartition("/")[2] in files["data"], where


def test_rules_over_workers_hold_for_the_job_on_flink_too(rendered: Rendered) -> None:
    """A rule that asks whether a metric is absent would call for somebody as long as the job runs."""
    (rules,) = of_kind(rendered("flink"), "PrometheusRule")
    asked: set[Any] = {
        name
        for group in rules["spec"]["groups"]
        for rule in group["rules"]
        for name in BY_NAME
        if name in rule["expr"] and "worker" in BY_NAME[name].part
    }
    assert "citybrain_last_reading_age_seconds" in asked
    assert asked <= set(OF_THE_JOB)
