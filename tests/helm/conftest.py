"""The real helm, as `make helm` builds it, or the one on the path."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
CHART = ROOT / "helm" / "citybrain"
#: helm built by `go install` believes in a Kubernetes of long ago.
KUBERNETES = "1.31.0"

Helm = Callable[..., "subprocess.CompletedProcess[str]"]


def built_helm() -> Path | None:
    """Where `make helm` puts it; the version stands in the Makefile alone."""
    said = subprocess.run(
        ["make", "-s", "helm-path"], cwd=ROOT, capture_output=True, text=True, check=False, timeout=30
    ).stdout.strip()
    return Path(said) if said and Path(said).exists() else None


@pytest.fixture(scope="session")
def helm(program: Callable[[str], str]) -> Helm:
    path = built_helm() or shutil.which("helm") or program("helm")

    def run(*words: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run([str(path), *words], capture_output=True, text=True, check=False, timeout=60)

    return run


@pytest.fixture(scope="session")
def rendered(helm: Helm) -> Callable[..., list[dict[str, Any]]]:
    """The resources of a values file of ci/, each rendered once."""
    known: dict[str, list[dict[str, Any]]] = {}

    def render(name: str) -> list[dict[str, Any]]:
        if name not in known:
            done = template(helm, name)
            assert done.returncode == 0, done.stderr
            known[name] = [each for each in yaml.load_all(done.stdout, yaml.CSafeLoader) if each]
        return known[name]

    return render


def template(helm: Helm, name: str, *more: str) -> "subprocess.CompletedProcess[str]":
    """``helm template`` over a values file, with more words such as ``--set key=value``."""
    values = str(CHART / "ci" / f"{name}-values.yaml")
    return helm("template", "city", str(CHART), "-f", values, "--kube-version", KUBERNETES, *more)
