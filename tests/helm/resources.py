"""What of the rendered resources is a pod, a container, or one of a kind; a Flink deployment's pods are pods too."""

from collections.abc import Iterator, Sequence
from typing import Any

Resource = dict[str, Any]


def pods(resources: Sequence[Resource]) -> Iterator[tuple[str, Resource]]:
    """Name and pod specification of all that run commands of ours."""
    for each in resources:
        if each["kind"] in ("StatefulSet", "Deployment", "Job"):
            yield each["metadata"]["name"], each["spec"]["template"]["spec"]


def templates(resources: Sequence[Resource]) -> Iterator[tuple[str, Resource]]:
    """Name and whole template, labels included, of every pod there will be."""
    for each in resources:
        if each["kind"] in ("StatefulSet", "Deployment", "Job"):
            yield each["metadata"]["name"], each["spec"]["template"]
        if each["kind"] == "FlinkDeployment":
            yield each["metadata"]["name"], each["spec"]["podTemplate"]


def containers(resources: Sequence[Resource]) -> Iterator[tuple[str, Resource]]:
    """Place and specification of their containers."""
    for name, pod in pods(resources):
        for each in pod.get("initContainers", []) + pod["containers"]:
            yield f"{name}/{each['name']}", each


def of_kind(resources: Sequence[Resource], kind: str, end: str = "") -> list[Resource]:
    """Those of a kind whose names end so."""
    return [each for each in resources if each["kind"] == kind and each["metadata"]["name"].endswith(end)]


def matches(selector: Resource, labels: dict[str, str]) -> bool:
    """Whether a Kubernetes label selector takes these labels."""
    named = all(labels.get(key) == value for key, value in selector.get("matchLabels", {}).items())
    return named and all(
        each["operator"] == "In" and labels.get(each["key"]) in each["values"]
        for each in selector.get("matchExpressions", [])
    )
