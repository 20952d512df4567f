"""The chart: what helm makes of it fits Kubernetes, our settings, our commands and our topics; wrong values do not."""

import importlib
import inspect
import json
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
import jsonschema
import kubernetes_validate
import pytest
import yaml
from typer.main import get_command

from streams.__main__ import app
from streams.commands.worker import command as worker_command
from streams.keepers import KEEPERS
from streams.metric_table import BY_NAME
from streams.packs import load_packs
from streams.settings import SETTINGS, load_settings
from streams.worker_metrics import FLINK_SCOPE
from tests.helm.conftest import CHART, Helm, template
from tests.helm.resources import containers, of_kind, pods
from topics.catalog import catalog
from topics.declare import configs_of

FILES = sorted(path.name.removesuffix("-values.yaml") for path in (CHART / "ci").glob("*-values.yaml"))
CUSTOM = json.loads((Path(__file__).parent / "schemas" / "custom_kinds.json").read_text(encoding="utf-8"))
SCHEMA = json.loads((CHART / "values.schema.json").read_text(encoding="utf-8"))
Rendered = Callable[[str], list[dict[str, Any]]]


@pytest.mark.parametrize("name", FILES)
def test_helm_finds_nothing_to_blame(helm: Helm, name: str) -> None:
    done = helm("lint", "--strict", str(CHART), "-f", str(CHART / "ci" / f"{name}-values.yaml"))
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", FILES)
def test_every_resource_fits_its_schema(rendered: Rendered, name: str) -> None:
    for each in rendered(name):
        if each["kind"] in CUSTOM:
            jsonschema.validate(each, CUSTOM[each["kind"]])
        else:
            kubernetes_validate.validate(each, "1.31", strict=True)
    names = [(each["kind"], each["metadata"]["name"]) for each in rendered(name)]
    assert len(names) == len(set(names))


def test_the_schemas_can_refuse(rendered: Rendered) -> None:
    worker = of_kind(rendered("full"), "StatefulSet", "-worker")[0]
    broken = json.loads(json.dumps(worker))
    broken["spec"]["podManagementPolicies"] = "Parallel"
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(broken, "1.31", strict=True)


@pytest.mark.parametrize("name", FILES)
def test_every_variable_is_a_setting_that_takes_its_value(rendered: Rendered, name: str) -> None:
    known = {setting.variable for setting in SETTINGS} | {"OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "POD_IP"}
    for where, each in containers(rendered(name)):
        given = {row["name"]: row.get("value") for row in each.get("env", [])}
        assert set(given) <= known, where
        assert len(given) == len(each.get("env", [])), f"{where}: a variable stands twice"
        load_settings({name: value for name, value in given.items() if value is not None})


@pytest.mark.parametrize("name", FILES)
def test_every_container_runs_a_command_of_ours_with_words_that_it_takes(rendered: Rendered, name: str) -> None:
    ours = get_command(app)
    for where, each in containers(rendered(name)):
        command, words = ours, each["args"]
        context = command.make_context("citybrain", list(words))
        while isinstance(command, click.Group):
            _, found, words = command.resolve_command(context, list(words))
            assert found is not None, where
            command = found
            # Refuses an option that it does not know, and a value that is none of its kind.
            context = command.make_context(command.name, list(words), parent=context)


@pytest.mark.parametrize("name", FILES)
def test_nobody_is_root_and_nothing_is_written_but_volumes(rendered: Rendered, name: str) -> None:
    for where, pod in pods(rendered(name)):
        assert pod["securityContext"]["runAsNonRoot"], where
        assert pod["automountServiceAccountToken"] is False, where
    for where, each in containers(rendered(name)):
        context = each["securityContext"]
        assert context["readOnlyRootFilesystem"], where
        assert context["allowPrivilegeEscalation"] is False, where
        assert context["capabilities"] == {"drop": ["ALL"]}, where
        assert each["resources"]["limits"]["memory"], where


def test_all_parts_of_one_machine_are_there(rendered: Rendered) -> None:
    up = (CHART.parents[1] / "streams" / "commands" / "up.py").read_text(encoding="utf-8")
    line = re.search(r"names = \(([^)]*)\)", up)
    assert line is not None and "*KEEPERS" in line[1]
    run = {each["args"][0] for _, each in containers(rendered("full"))}
    assert {*re.findall(r'"([\w-]+)"', line[1]), *KEEPERS} <= run


def test_workers_keep_their_names_and_are_watched_by_their_progress(rendered: Rendered) -> None:
    worker = of_kind(rendered("full"), "StatefulSet", "-worker")[0]["spec"]["template"]["spec"]
    env = {row["name"]: row for row in worker["containers"][0]["env"]}
    assert env["CITYBRAIN_WORKER_MEMBER"]["valueFrom"]["fieldRef"]["fieldPath"] == "metadata.name"
    assert float(env["CITYBRAIN_WORKER_SESSION_S"]["value"]) > worker["terminationGracePeriodSeconds"]
    assert worker["containers"][0]["livenessProbe"]["httpGet"]["path"] == "/alive"
    # Without these an update would end one worker after the other before any has its partitions again.
    assert worker["containers"][0]["readinessProbe"]["httpGet"]["path"] == "/alive"
    assert of_kind(rendered("full"), "StatefulSet", "-worker")[0]["spec"]["minReadySeconds"] >= 10
    budget = of_kind(rendered("full"), "PodDisruptionBudget", "-worker")[0]
    assert budget["spec"]["maxUnavailable"] == 1


def test_every_part_with_metrics_is_scraped_and_nobody_else_may(rendered: Rendered) -> None:
    resources = rendered("full")
    served = {where.split("/")[1] for where, each in containers(resources) for port in each.get("ports", [])
        if port["name"] == "metrics"}  # fmt: skip
    by_table = {metric.part for metric in BY_NAME.values()} - {"server", "all"}
    assert {part for parts in by_table for part in parts.split(", ")} <= served
    scraped = {each["spec"]["selector"]["matchLabels"]["app.kubernetes.io/component"]
        for each in of_kind(resources, "ServiceMonitor")}  # fmt: skip
    assert scraped == served | {"server"}
    (policy,) = of_kind(resources, "NetworkPolicy", "-metrics")
    assert set(policy["spec"]["podSelector"]["matchExpressions"][1]["values"]) == served
    services = {each["spec"]["selector"]["app.kubernetes.io/component"] for each in of_kind(resources, "Service")
        if each["spec"]["ports"][0]["name"] == "metrics"}  # fmt: skip
    assert services == served


def test_lag_is_asked_of_the_group_in_which_workers_judge(rendered: Rendered) -> None:
    group = inspect.signature(worker_command).parameters["group"].default
    (scaler,) = of_kind(rendered("full"), "ScaledObject")
    asked = {(each["metadata"]["consumerGroup"], each["metadata"]["topic"]) for each in scaler["spec"]["triggers"]}
    assert asked == {(f"{group}-readings", pack.topic) for pack in load_packs()}


def test_a_city_on_flink_has_a_job_of_the_operator_and_no_workers(rendered: Rendered) -> None:
    resources = rendered("flink")
    assert not of_kind(resources, "StatefulSet", "-worker") and not of_kind(rendered("full"), "FlinkDeployment")
    (job,) = of_kind(resources, "FlinkDeployment")
    spec, pod = job["spec"], job["spec"]["podTemplate"]["spec"]
    assert spec["job"]["upgradeMode"] == "savepoint" and spec["job"]["parallelism"] == 4
    # A city that has outgrown one machine is not put on one: the operator makes as many TaskManagers as slots ask for.
    slots = int(spec["flinkConfiguration"]["taskmanager.numberOfTaskSlots"])
    assert -(-spec["job"]["parallelism"] // slots) == 2
    # The module that it runs is there and takes the group it is given.
    *_, flag, module, group = spec["job"]["args"]
    assert flag == "-pym" and callable(importlib.import_module(module).main)
    (container,) = pod["containers"]
    given = {row["name"]: row["value"] for row in container["env"] if "value" in row}
    settings = load_settings(given)
    assert (settings.flink_parallelism, settings.flink_delivery) == (4, "exactly-once")
    # Where the operator's savepoints go is where the program looks for the newest.
    conf = spec["flinkConfiguration"]
    folder = settings.data / "flink" / group
    assert conf["execution.checkpointing.savepoint-dir"] == f"file://{folder / 'savepoints'}"
    assert conf["execution.checkpointing.dir"] == f"file://{folder / 'checkpoints'}"
    assert {each["mountPath"] for each in container["volumeMounts"]} >= {str(settings.data), "/tmp"}
    # Held against Kubernetes as the pod that it becomes; the operator adds image, resources and command.
    whole = {**pod, "containers": [container | {"image": spec["image"]}]}
    kubernetes_validate.validate({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x"}, "spec": whole}, "1.31")
    assert pod["securityContext"]["runAsNonRoot"] and container["securityContext"]["readOnlyRootFilesystem"]
    (monitor,) = of_kind(resources, "PodMonitor")
    (rule,) = monitor["spec"]["podMetricsEndpoints"][0]["metricRelabelings"]
    assert rule["regex"] == FLINK_SCOPE


def test_the_schema_of_a_flink_deployment_can_refuse(rendered: Rendered) -> None:
    (job,) = of_kind(rendered("flink"), "FlinkDeployment")
    for path, value in (("job.upgradeMode", "never"), ("flinkVersion", "2.3"), ("taskManager.resource.memory", "6Gi")):
        broken = json.loads(json.dumps(job))
        *inside, last = path.split(".")
        part = broken["spec"]
        for name in inside:
            part = part[name]
        part[last] = value
        with pytest.raises(jsonschema.ValidationError, match=re.escape(value)):
            jsonschema.validate(broken, CUSTOM["FlinkDeployment"])


def test_servers_stand_by_and_parts_of_which_there_is_one_never_meet(rendered: Rendered) -> None:
    server = of_kind(rendered("full"), "Deployment", "-server")[0]
    assert server["spec"]["replicas"] == 2
    env = {row["name"]: row.get("value") for row in server["spec"]["template"]["spec"]["containers"][0]["env"]}
    assert env["CITYBRAIN_SERVER_STANDBY"] == "true"
    for part in (
        "history",
        "judge",
        "hazard",
        "cold-chain",
        "sequences",
        "carriage",
        "cargo-conditions",
        "integrity",
        "city-time",
        "fitter",
    ):
        one = of_kind(rendered("full"), "Deployment", f"-{part}")[0]
        assert (one["spec"]["replicas"], one["spec"]["strategy"]["type"]) == (1, "Recreate")


def test_topics_are_those_of_the_catalogue(rendered: Rendered) -> None:
    made = {each["spec"]["topicName"]: each["spec"] for each in of_kind(rendered("full"), "KafkaTopic")}
    wanted = {topic.name: topic for topic in catalog(load_packs())}
    assert set(made) == set(wanted)
    for name, topic in wanted.items():
        assert made[name]["partitions"] == topic.partitions
        assert made[name]["config"] == configs_of(topic) | {"min.insync.replicas": "2"}
    assert not of_kind(rendered("small"), "KafkaTopic")


def test_large_numbers_keep_their_digits(rendered: Rendered) -> None:
    worker = of_kind(rendered("full"), "StatefulSet", "-worker")[0]["spec"]["template"]["spec"]["containers"][0]
    assert {"name": "CITYBRAIN_FIT_MOST_SERIES", "value": "1000000"} in worker["env"]


@pytest.mark.prometheus
def test_promtool_takes_the_rules(rendered: Rendered, program: Callable[[str], str], tmp_path: Path) -> None:
    spec = of_kind(rendered("full"), "PrometheusRule")[0]["spec"]
    path = tmp_path / "rules.yaml"
    path.write_text(yaml.safe_dump(spec, allow_unicode=True), encoding="utf-8")
    done = subprocess.run(
        [program("promtool"), "check", "rules", str(path)], capture_output=True, text=True, check=False, timeout=30
    )
    assert done.returncode == 0, done.stdout + done.stderr
    asked = {name for name in re.findall(r"citybrain_\w+", json.dumps(spec)) if name in BY_NAME}
    assert "citybrain_consumer_lag_records" in asked


def test_dashboards_are_whole(rendered: Rendered) -> None:
    walls = of_kind(rendered("full"), "ConfigMap", "-dashboards")[0]
    assert walls["metadata"]["labels"]["grafana_dashboard"] == "1"
    assert {json.loads(text)["uid"] for text in walls["data"].values()} == {"citybrain-zh", "citybrain-en"}


@pytest.mark.parametrize(
    ("values", "word"),
    [
        ("worker.replicas=0", "minimum"),
        ("image.tag=latest", "not"),
        ("settings.speed=1", "speed"),
        ("settings.fit_hour=24", "fit_hour"),
        ("settings.fit_hour=noon", "fit_hour"),
        ("settings.language=fr", "language"),
        ("settings.store_url=x", "store_url"),
        ("settings.smtp_password=in-plain-sight", "smtp_password"),
        (
            "settings.gate_file=/etc/gate.toml",
            "NAME with NAME among files, got /etc/gate.toml",
        ),
        ("settings.gate_file=/etc/citybrain/files/gate.toml", "gate_file: expected /etc/citybrain/files/NAME"),
        ("files.a/b=x", "a/b"),
        ("kafka.replicationFactor=0", "replicationFactor"),
        ("kafka.mechanism=PLAIN", "expected SCRAM-SHA-512 with strimzi.enabled"),
        ("worker.replcas=2", "replcas"),
        ("history.retentionDays=7", "minimum"),
        ("kafka.brokers=kafka", "pattern"),
        ("server.hosts=null", "hosts"),
        ("keda.cooldownSeconds=10", "minimum"),
        ("strimzi.cluster=", "strimzi"),
        ("strimzi.minInsyncReplicas=4", "expected at most strimzi.replicas"),
        ("history.accessMode=ReadWriteOnce", "expected 1 where history.accessMode"),
        ("engine=spark", "engine"),
        ("engine=flink", "flink.image.repository: expected where"),
        ("flink.delivery=none", "delivery"),
        ("flink.slots=0", "slots"),
        ("flink.image.tag=latest", "not"),
        ("flink.image.repository=A B", "pattern"),
        ("gateway.storageClass=Not One", "pattern"),
    ],
)
def test_wrong_values_are_refused(helm: Helm, values: str, word: str) -> None:
    done = template(helm, "full", "--set", values)
    assert done.returncode != 0
    assert word in done.stderr


#: What the comment of a number, a size or a span says that it counts.
UNITS = re.compile(
    r"[Ss]econds?|[Mm]inutes?|[Hh]ours?|[Dd]ays?|[Pp]ods|[Cc]opies|[Cc]ores|[Bb]ytes|[Pp]orts?\b|[Rr]ecords|[Ss]ubtasks"
    r"|MB|[Dd]evices|[Cc]onnections|[Ff]rames|[Rr]equests|[Ss]eries|periods"
)


def values_of(schema: dict[str, Any], where: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each place at which a value may stand, those of lists and of tables with free keys too."""
    yield where, schema
    for name, each in schema.get("properties", {}).items():
        yield from values_of(each, f"{where}.{name}")
    for inner in ("items", "additionalProperties"):
        if isinstance(schema.get(inner), dict):
            yield from values_of(schema[inner], f"{where}.*")


def blame(schema: dict[str, Any], where: str = "") -> str:
    """What a value at this place lacks of comment, unit and constraint, empty where nothing."""
    kind, limits = schema.get("type"), set(schema)
    if not schema.get("description"):
        return "comment"
    measured = kind in ("integer", "number") or (kind == "string" and "(Mi|Gi|Ti)" in schema.get("pattern", ""))
    if measured and not UNITS.search(schema["description"]) and not re.search(r"_(s|h|min|days|bytes)$", where):
        return "unit"
    bound = {
        "integer": {"minimum", "maximum"} <= limits,
        "number": bool({"minimum", "exclusiveMinimum"} & limits) and "maximum" in limits,
        "string": bool({"pattern", "enum", "minLength"} & limits),
        "boolean": True,
        "array": "items" in limits,
        "object": "additionalProperties" in limits or schema["description"].startswith("Helm's own"),
    }
    return "" if bound.get(str(kind)) else "constraint"


def test_each_value_has_a_comment_a_unit_and_a_constraint() -> None:
    assert {where: blame(each, where) for where, each in values_of(SCHEMA, "values") if blame(each, where)} == {}


@pytest.mark.parametrize(
    ("schema", "lacks"),
    [
        ({"type": "integer", "minimum": 1, "maximum": 2}, "comment"),
        ({"type": "integer", "description": "How long.", "minimum": 1, "maximum": 2}, "unit"),
        ({"type": "integer", "description": "Seconds.", "minimum": 1}, "constraint"),
        ({"type": "string", "description": "A name."}, "constraint"),
        ({"type": "object", "description": "Whatever."}, "constraint"),
    ],
)
def test_a_value_that_lacks_one_of_them_is_found(schema: dict[str, Any], lacks: str) -> None:
    assert blame(schema) == lacks


def test_no_value_stands_in_the_chart_that_the_schema_does_not_know() -> None:
    def look(value: Any, schema: dict[str, Any], where: str) -> None:
        if isinstance(value, dict) and "properties" in schema:
            for name, each in value.items():
                assert name in schema["properties"], f"{where}.{name}"
                look(each, schema["properties"][name], f"{where}.{name}")

    look(yaml.safe_load((CHART / "values.yaml").read_text(encoding="utf-8")), SCHEMA, "values")
    closed = [(where, each) for where, each in values_of(SCHEMA, "values") if each.get("properties")]
    assert not [where for where, each in closed if each.get("additionalProperties") is not False]


def test_settings_the_chart_offers_are_the_table_without_its_own() -> None:
    plain = set(SCHEMA["properties"]["settings"]["propertyNames"]["enum"])
    secret = {setting.name for setting in SETTINGS if setting.secret}
    assert not plain & secret, "a secret among plain values would stand in every pod's specification"
    offered = plain | set(SCHEMA["properties"]["secretSettings"]["propertyNames"]["enum"])
    table = {setting.name for setting in SETTINGS}
    own = {each.lower() for each in re.findall(r"CITYBRAIN_([A-Z0-9_]+)", _templates())} - offered
    #: Of no use in a pod: one machine's own broker and stand-in, and where commands of people ask.
    machine = {"kafka_port", "bureau_port", "java_home", "server_url", "server_token", "server_host", "kafka_cert_file"}
    assert offered | own | machine | {"kafka_key_file"} == table


def _templates() -> str:
    return "".join(path.read_text(encoding="utf-8") for path in sorted((CHART / "templates").iterdir()))
