"""No dependency may bring a top-level package of the same name as one of ours: files would mix without a word."""

import importlib.metadata

ROOTS = {"alerts", "detectors", "grafana", "load_tests", "records", "streams", "topics"}


def test_no_dependency_installs_one_of_our_root_packages() -> None:
    owners = importlib.metadata.packages_distributions()
    taken = {root: owner for root in ROOTS if (owner := set(owners.get(root, [])) - {"citybrain"})}
    assert not taken, f"other distributions install our root packages: {taken}"


def test_the_base_installation_leaves_flink_out() -> None:
    required = importlib.metadata.requires("citybrain") or []
    assert any("apache-flink" in line for line in required)
    assert all("extra ==" in line for line in required if "apache-flink" in line)
