# Everything that a person or a CI runs. `make help` lists the targets.
.DEFAULT_GOAL := help
SHELL := /usr/bin/env bash -euo pipefail
.DELETE_ON_ERROR:

PYTHON := .venv/bin/python
PULUMI := .cache/bin/pulumi
PYTHON_READY := .venv/.made-from-lock
CARGO_LOCKED := --locked --quiet

.PHONY: help setup build test lint lint-rust lint-python test-rust test-graph mutation mutation-score bench lock

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(PYTHON_READY) $(PULUMI) ## Python packages into .venv, the pulumi command line into .cache/bin

build: ## the compiler, optimised: target/release/paystagec
	cargo build --locked --release

test: lint test-rust test-graph mutation ## everything that must hold before a merge; sets itself up

lint: lint-rust lint-python ## formats and lints of Rust and Python

lint-rust:
	cargo fmt --check
	cargo clippy $(CARGO_LOCKED) --all-targets -- -D warnings

lint-python: $(PYTHON_READY)
	$(PYTHON) -m pip check
	$(PYTHON) tools/check-catalogue

test-rust:
	cargo test $(CARGO_LOCKED)

test-graph: build $(PYTHON_READY)
	PYTHONPATH=tests $(PYTHON) -m pytest --quiet tests/graph

mutation: $(PYTHON_READY) ## how many faults in the generated program its unit tests notice
	PYTHONPATH=tests $(PYTHON) -W ignore -m mutation.run

mutation-score: $(PYTHON_READY) ## the same, with the figures written into tests/mutation/README.md
	PYTHONPATH=tests $(PYTHON) -W ignore -m mutation.run --update

bench: build $(PYTHON_READY) ## times, memory and sizes, each beside its floor, as Markdown
	$(PYTHON) benchmarks/run.py

lock: ## resolve the Python requirements again (needs uv)
	tools/lock-python

$(PYTHON_READY): templates/requirements-dev.txt tools/python-env
	tools/python-env .venv $<
	touch $@

$(PULUMI): tools/pulumi-cli/go.mod tools/pulumi-cli/go.sum tools/pulumi-cli/build
	tools/pulumi-cli/build $(abspath $@)
	touch -h $@
