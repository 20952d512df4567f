# Everything sets itself up: a virtual environment, pinned packages, Kafka's jars, Java where there is none.
SHELL := /bin/sh
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
# pip before 25.1 does not know dependency groups.
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet

HELM_VERSION := v3.19.2
HELM := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/citybrain/helm-$(HELM_VERSION)/helm

.DEFAULT_GOAL := help
.PHONY: help demo test lint format bench bench-store fuzz kill-test port-test rights-test docs notebooks constraints clean

# Say what there is to make.
help:
	@awk '/^# /{text=substr($$0,3)} /^[a-z-]+:/{split($$0,a,":"); if(text) printf "  make %-12s %s\n", a[1], text; text=""}' Makefile

# Play a city day through the whole system and keep it running until Ctrl-C.
demo: .venv/.base
	@$(BIN)/citybrain demo

# Run every check and test, stage by stage; programs that are missing skip their tests by name.
test: .venv/.dev
	@$(BIN)/python tests/stages.py

# Check style and types of code and tests.
lint: .venv/.dev
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy

# Write code in the one style.
format: .venv/.dev
	@$(BIN)/ruff check --fix . ; $(BIN)/ruff format .

# Measure the hot paths of this machine, whole size.
bench: .venv/.dev
	@$(BIN)/citybrain bench detectors && $(BIN)/citybrain bench pipeline
	@CITYBRAIN_FULL_SIZE=1 $(BIN)/python -m pytest -q tests/records/test_yard.py

# Feed the gateway ten million bytes that no device would send.
fuzz: .venv/.dev
	@$(BIN)/citybrain bench gateway --fuzz

# Fill a store with a million closed alarms, and measure lists and stories over it.
bench-store: .venv/.dev
	@$(BIN)/citybrain bench store

# Faults at full size: workers killed and paused, the broker away for 20 s, the bureau out of order for a minute.
kill-test: .venv/.dev
	@CITYBRAIN_FULL_SIZE=1 $(BIN)/python -m pytest -m kafka tests/streams/test_kill.py tests/topics/test_broker.py \
		tests/streams/test_server.py::test_a_bureau_out_of_order_for_a_while_gets_everything_once

# Play the night of 12 August 2015 through the real broker, worker, server and bureau, and hold its story.
port-test: .venv/.dev
	@$(BIN)/python -m pytest -m full tests/streams/test_port_replay.py

# Judge with both engines on a broker that asks for TLS and a password and allows what the chart's user may, no more.
rights-test: .venv/.dev
	@$(BIN)/python -m pytest -m full tests/helm/test_kafka_user.py

# Write the generated pages of docs/ anew from the code.
docs: .venv/.dev
	@$(BIN)/python tests/write_docs.py

# Play the notebooks of docs/ and keep what they say.
notebooks: .venv/.dev
	@$(BIN)/python -m tests.notebooks.write_notebooks

# Build the helm that the chart is tested with; it is kept outside the repository.
helm: $(HELM)

$(HELM):
	@command -v go >/dev/null 2>&1 || { echo "helm: expected Go to build it with, got none on the path" >&2; exit 2; }
	@echo "building helm $(HELM_VERSION)" >&2
	@CGO_ENABLED=0 GOBIN="$(dir $@)" go install -trimpath -ldflags=-s helm.sh/helm/v3/cmd/helm@$(HELM_VERSION)

helm-path:
	@echo "$(HELM)"

# Resolve all versions anew, together with Flink's, so that every engine computes alike.
constraints: .venv/.dev
	@$(PIP) uv && $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --extra flink \
		--group pyproject.toml:dev --no-annotate --no-header pyproject.toml -o constraints.txt

# Forget the environment and everything this machine has kept.
clean:
	rm -rf .venv .citybrain

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed; none was found on the path." >&2; exit 2; }
	@echo "setting up .venv with $(PYTHON)" >&2
	@$(PYTHON) -m venv .venv
	@$(PIP) 'pip==26.0'

.venv/.base: .venv/bin/python pyproject.toml constraints.txt
	@echo "installing the product's packages" >&2
	@$(PIP) -c constraints.txt -e .
	@touch $@

.venv/.dev: .venv/.base
	@echo "installing the packages that tests and checks use" >&2
	@$(PIP) -c constraints.txt --group dev -e '.[flink]'
	@touch $@
