# `make` lists what can be made. Everything generated lies under .run/.

RUN := .run
VENV := $(RUN)/venv
PYTHON := $(VENV)/bin/python
# Compiled files are kept: without them every process compiles its packages anew.
unexport PYTHONDONTWRITEBYTECODE
export PYTHONPATH := $(CURDIR)

.DEFAULT_GOAL := help
.PHONY: help run serve up down test test-slow conformance check audit bench bench-edi fuzz soak clean

help: ## list the recipes
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(VENV)/run.ready ## a whole night on sample drops through Airflow; ends with what came of it
	@$(PYTHON) -m transforms.night.run $(ARGS)

serve: $(VENV)/run.ready ## keep Airflow up with its nightly schedule, until Ctrl-C
	@$(PYTHON) -m transforms.night.run --serve $(ARGS)

up: $(VENV)/run.ready ## the same in the background; prints where it is and where the password lies
	@$(PYTHON) -m transforms.night.run --up $(ARGS)

down: $(VENV)/run.ready ## end what `make up` started
	@$(PYTHON) -m transforms.night.run --down $(ARGS)

test: $(VENV)/dev.ready ## every quick test; needs nothing but packages
	@$(PYTHON) -m pytest -n 2 --dist loadscope -m "not slow" $(ARGS)

test-slow: $(VENV)/dev.ready ## the rest: kills at every point, a real scheduler, big files, a browser
	@$(PYTHON) -m pytest -n 2 --dist loadscope -m slow $(ARGS)

conformance: $(VENV)/dev.ready ## every public case that EDI_CASES names: what it should come to, what it comes to
	@$(PYTHON) -m tests.conformance $(ARGS)

check: $(VENV)/dev.ready ## lint, format, import direction, types
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/ruff format --check .
	@$(VENV)/bin/lint-imports --no-logo --cache-dir $(RUN)/cache/import-linter
	@$(VENV)/bin/mypy

audit: $(VENV)/dev.ready ## bandit over the product; what it is told to pass over has its reason in pyproject.toml
	@$(VENV)/bin/bandit -q -c pyproject.toml -r edi validations transforms dags sql

bench: $(VENV)/dev.ready ## every measurement, a million claims among them; see benchmarks/README.md
	@$(PYTHON) -m benchmarks $(ARGS)

bench-edi: $(VENV)/dev.ready ## the EDI core beside pyx12 and oxedi: every guide, growth, a 2 GB set; 15 minutes
	@$(PYTHON) -m benchmarks.edi_core $(ARGS)

fuzz: $(VENV)/dev.ready ## damage the samples at random for ten minutes: make fuzz ARGS="--minutes 60"
	@$(PYTHON) tests/edi/fuzzing.py $(ARGS)

soak: $(VENV)/dev.ready ## a week under the scheduler with faults dealt by a seed: make soak ARGS="--seed 7 --nights 7"
	@$(PYTHON) -m tests.soak $(ARGS)

clean: ## remove sample, state, Airflow's home and caches; the environment stays
	rm -rf $(RUN)/sample $(RUN)/sample.arguments.json $(RUN)/state $(RUN)/airflow $(RUN)/cache

# The environment, from the locks. The development lock holds all of the run lock, so an
# environment made for tests serves runs too and is not made over. uv is used where it is on the
# path, else fetched into a corner of its own (a sync removes whatever the lock does not name).
UV := $(or $(shell command -v uv),$(RUN)/uv/bin/uv)

$(VENV)/run.ready: requirements.lock | $(VENV)/bin/python
	@if [ $(VENV)/dev.ready -nt requirements-dev.lock ]; then touch $@; else \
	$(call install,requirements.lock) && touch $@; fi

$(VENV)/dev.ready: requirements-dev.lock | $(VENV)/bin/python
	@$(call install,requirements-dev.lock) && touch $@

$(VENV)/bin/python: | $(UV)
	@$(UV) venv --quiet --python 3.11 --no-python-downloads --allow-existing $(VENV) || \
	{ echo "Python 3.11 is needed"; exit 1; }

$(RUN)/uv/bin/uv:
	@command -v python3.11 >/dev/null || { echo "Python 3.11 is needed"; exit 1; }
	@python3.11 -m venv $(RUN)/uv && $(RUN)/uv/bin/pip install --quiet uv

install = echo "installing $(1)" && export VIRTUAL_ENV=$(VENV) && \
	$(UV) pip sync --quiet $(1) && $(UV) pip install --quiet --no-deps --editable .
