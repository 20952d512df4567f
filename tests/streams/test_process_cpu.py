"""Processor time by tree: a child's is its parent's, unless it is asked for by itself."""

import os
import subprocess
import sys

import pytest

from streams.bench_pipeline import busy
from streams.process_cpu import trees_cpu_s

#: Computes for a fifth of a second, says so, and waits for its input to end.
BUSY = "import sys,time\nwhile time.process_time() < 0.2: pass\nprint('done', flush=True)\nsys.stdin.read()"
PARENT = f"import subprocess,sys\nsubprocess.run([sys.executable, '-c', {BUSY!r}])"


def test_what_a_child_uses_is_its_tree_s_and_a_tree_within_another_is_its_own() -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:
        assert parent.stdin is not None and parent.stdout is not None
        parent.stdout.readline()
        told = trees_cpu_s({"above": os.getpid(), "parent": parent.pid, "gone": 2**22 + 1})
        parent.stdin.close()
    # Ticks are of 10 ms, and the parent itself did little.
    assert 0.15 <= told["parent"] < 2.0
    assert told["above"] > 0 and told["gone"] == 0


def test_cores_are_what_was_used_between_the_first_and_the_last_look() -> None:
    looks = [(10.0, {"worker": 1.0}), (11.0, {"worker": 1.5}), (14.0, {"worker": 3.0})]
    assert busy(looks) == {"worker": pytest.approx(0.5)}
    assert busy(looks[:1]) == {}
