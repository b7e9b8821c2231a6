# Everything that a person or a CI runs. `make help` lists the targets.
.DEFAULT_GOAL := help
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:

SPEC := spec/staging.toml
PYTHON := $(abspath .venv/bin/python)
PULUMI := .cache/bin/pulumi
PYTHON_READY := .venv/.made-from-lock
AWS_CLI_READY := .cache/aws-cli/.made-from-lock
REQUIREMENTS := templates/requirements-dev.txt tests/requirements.txt tests/service/requirements.txt
POSTGRES := $(abspath .cache/postgres)
FUNCTIONS_PYTHON := $(abspath .cache/functions-python)/bin/python
FUNCTIONS_PYTHON_READY := .cache/functions-python/.made-from-lock
PAYMENTS := 20000
RATE := 50
SECONDS := 60
PROJECTS := $(shell seq 0 19)
THROUGH := http
STACKS := 1 3 5 22
SPECS := 300
IDS := 100000
PAIRS := 0-299

.PHONY: help setup build generate test lint lint-rust lint-generated lint-tests \
	test-rust test-stale test-schema test-unit test-graph test-properties test-projects integration-projects test-models test-engine test-service test-deployer test-simulation test-account test-cloud test-documents test-tools \
	cloud try fault steady engine compare-pairs models mutation mutation-score bench cold-start lock postgres-14 postgres-17

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "%-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(PYTHON_READY) $(PULUMI) $(AWS_CLI_READY) $(FUNCTIONS_PYTHON_READY) ## Python packages into .venv, the command lines of pulumi and AWS and the Python of the functions into .cache

build: ## the compiler, optimised: target/release/paystagec
	cargo build --locked --quiet --release

generate: ## write generated/ from spec/staging.toml, docs/rules.md from the rules, the spec's JSON Schema and docs/spec.md from its format
	cargo run --locked --quiet --release -- build $(SPEC)
	cargo run --locked --quiet --release -- rules --markdown > docs/rules.md
	cargo run --locked --quiet --release -- schema > spec/paystagec.schema.json
	cargo run --locked --quiet --release -- schema --markdown > docs/spec.md

# What `make test` runs, each in its own folders and on ports that the system gives: first what compiles, and what needs no compiler
# meanwhile; then beginning with what takes longest, so that the last ones end together.
# Many a test waits for what stands still on purpose: one part more than there are processors works meanwhile.
PARTS := test-rust lint-generated lint-tests test-engine test-service test-documents test-cloud test-graph test-properties test-account test-simulation mutation \
	lint-rust test-models test-unit test-schema test-deployer test-stale test-tools
AT_ONCE := $(shell echo $$(($$(getconf _NPROCESSORS_ONLN) + 1)))

test: ## everything that must hold before a merge, AT_ONCE=3 parts at once; sets itself up, says how long each part took
	+@MAKE='$(MAKE)' tools/run-parts --first setup --at-once $(AT_ONCE) $(PARTS)

lint: lint-rust lint-generated lint-tests ## formats, lints and types of Rust and Python

lint-rust:
	cargo fmt --check
	cargo clippy --locked --quiet --all-targets -- -D warnings

lint-generated: $(PYTHON_READY)
	cd generated && $(PYTHON) -m ruff format --check .
	cd generated && $(PYTHON) -m ruff check .
	cd generated && $(PYTHON) -m basedpyright --pythonpath $(PYTHON)

lint-tests: $(PYTHON_READY)
	$(PYTHON) tools/check-catalogue
	$(PYTHON) tools/check-permissions
	$(PYTHON) -m ruff format --check tests
	$(PYTHON) -m ruff check tests
	$(PYTHON) -m basedpyright --pythonpath $(PYTHON)

test-rust:
	cargo test --locked --quiet

test-stale:
	cargo run --locked --quiet -- build --check $(SPEC)

test-schema: $(PYTHON_READY)
	cargo build --locked --quiet
	PYTHONPATH=tests $(PYTHON) -m pytest --quiet tests/schema

test-unit: $(PYTHON_READY)
	cd generated && $(PYTHON) -m pytest --quiet tests/unit

test-graph: $(PYTHON_READY)
	cargo build --locked --quiet
	PYTHONPATH=tests $(PYTHON) -m pytest --quiet tests/graph

test-properties: $(PYTHON_READY) $(FUNCTIONS_PYTHON_READY)
	cargo build --locked --quiet --bins --example write-specs
	PYTHONPATH=tests $(PYTHON) -m pytest --quiet tests/properties

test-projects: $(PYTHON_READY) ## the unit tests of the projects that random specs become: PROJECTS="0 1 2", by their seeds
	cargo build --locked --quiet --bins --example write-specs
	PROJECT_SEEDS="$(PROJECTS)" PYTHONPATH=tests $(PYTHON) -m pytest --quiet tests/properties/test_projects.py

test-models: $(PYTHON_READY)
	cargo build --locked --quiet --bins --example write-specs
	PYTHONPATH=tests:templates/functions $(PYTHON) -m pytest --quiet tests/models

models: $(PYTHON_READY) ## every call that makes the stacks of SPECS=300 random specs, against AWS's own models
	cargo build --locked --quiet --bins --example write-specs
	MODEL_SEEDS="0-$$(( $(SPECS) - 1 ))" PYTHONPATH=tests:templates/functions $(PYTHON) -m pytest --quiet --capture=no tests/models/test_models.py

test-engine: $(PYTHON_READY) $(PULUMI)
	$(PYTHON) -m pytest --quiet tests/engine

# On the Python that is deployed, once; the second run is on the one of the other tests.
# The deployed version of PostgreSQL is there for Linux on x86-64, and the newest that a waiver takes: on that one run the tests that are about SQL.
# Elsewhere the suite runs on the one that comes with Python's packages.
ifeq ($(shell uname -sm),Linux x86_64)
test-service: $(PYTHON_READY) $(FUNCTIONS_PYTHON_READY) $(POSTGRES)-14/bin/postgres $(POSTGRES)-17/bin/postgres
	TEST_PYTHON=deployed TEST_POSTGRES=$(POSTGRES)-14 $(FUNCTIONS_PYTHON) -m pytest --quiet tests/service
	TEST_POSTGRES=$(POSTGRES)-17 $(PYTHON) -m pytest --quiet $(addprefix tests/service/test_,migrate.py roles.py payments.py scrub.py)
else
test-service: $(PYTHON_READY) $(FUNCTIONS_PYTHON_READY)
	TEST_PYTHON=deployed $(FUNCTIONS_PYTHON) -m pytest --quiet tests/service
	@echo 'test-service: the functions on PostgreSQL 14, which is deployed, and 17: there are builds for Linux on x86-64 only' >> $${NOT_DONE:-/dev/stderr}
endif

ids: $(PYTHON_READY) ## how many of IDS=100000 ids of each kind the functions take for a card number
	IDS=$(IDS) $(PYTHON) -m pytest --quiet tests/service/test_ids.py

test-simulation: $(PYTHON_READY)
	cargo build --locked --quiet
	PYTHONPATH=tests $(PYTHON) -m pytest --quiet tests/simulation

try: $(PYTHON_READY) ## the environment of SPEC on this machine: both entry points, the functions, PostgreSQL and moto, until Ctrl-C
	cargo build --locked --quiet
	PYTHONPATH=tests:templates/functions $(PYTHON) -m simulation $(SPEC)

test-account: $(PYTHON_READY) $(PULUMI)
	cargo build --locked --quiet --bins --example write-specs
	PYTHONPATH=tests:templates/functions $(PYTHON) -m pytest --quiet tests/account

integration-projects: $(PYTHON_READY) $(PULUMI) ## the integration tests of what random specs become, deployed in an account on this machine: STACKS="1 3 5 22", by their seeds
	cargo build --locked --quiet --bins --example write-specs
	INTEGRATION_SEEDS="$(STACKS)" PYTHONPATH=tests:templates/functions $(PYTHON) -m pytest --quiet tests/account/test_projects.py

# Of the changes under payments, two: all twelve take some minutes more.
test-cloud: $(PYTHON_READY) $(PULUMI)
	cargo build --locked --quiet
	PYTHONPATH=tests:templates/functions $(PYTHON) -m account.run --brief

cloud: $(PYTHON_READY) $(PULUMI) ## a stack's whole life in an account on this machine: up, changes, destroy, up again, a bad day, twelve changes while payments go through
	cargo build --locked --quiet
	PYTHONPATH=tests:templates/functions $(PYTHON) -m account.run

test-documents: $(PYTHON_READY) $(PULUMI) $(AWS_CLI_READY)
	cargo build --locked --quiet
	PYTHONPATH=tests:templates/functions $(PYTHON) -m pytest --quiet tests/documents

test-deployer: $(PYTHON_READY)
	$(PYTHON) -m pytest --quiet tests/deployer

test-tools: $(PYTHON_READY)
	$(PYTHON) -m pytest --quiet tests/tools

fault: $(PYTHON_READY) ## PAYMENTS=20000 payments THROUGH=http (or functions, called directly) while PostgreSQL, S3 and the functions fail, and deployments go on; figures as Markdown
	cargo build --locked --quiet
	PYTHONPATH=tests:templates/functions $(PYTHON) -m $(if $(filter http,$(THROUGH)),simulation,service).fault $(PAYMENTS)

steady: $(PYTHON_READY) ## RATE=50 payments a second through both entry points for SECONDS=60, nothing broken: p50 and p99 as Markdown
	cargo build --locked --quiet
	PYTHONPATH=tests:templates/functions $(PYTHON) -m simulation.steady --rate $(RATE) --seconds $(SECONDS)

postgres-14: $(POSTGRES)-14/bin/postgres ## PostgreSQL 14 from Maven into .cache/postgres-14; then TEST_POSTGRES=$$PWD/.cache/postgres-14 make try

postgres-17: $(POSTGRES)-17/bin/postgres ## the same of PostgreSQL 17

engine: test-engine ## the generated program under the real Pulumi engine: tests, times, longest chain
	PYTHONPATH=tests $(PYTHON) -m engine.report

compare-pairs: $(PYTHON_READY) $(PULUMI) ## what `compare` says of pairs of random specs, against what the engine does: PAIRS="0-299", by their numbers
	COMPARE_PAIRS="$(PAIRS)" $(PYTHON) -m pytest --quiet --capture=no tests/engine/test_compare_random.py

mutation: $(PYTHON_READY) ## how many faults in the generated program its unit tests notice
	PYTHONPATH=tests $(PYTHON) -W ignore -m mutation.run
	cargo build --locked --quiet
	PYTHONPATH=tests $(PYTHON) -W ignore -m mutation.run --more

mutation-score: $(PYTHON_READY) ## the same, with the figures written into tests/mutation/README.md
	PYTHONPATH=tests $(PYTHON) -W ignore -m mutation.run --update

cold-start: $(PYTHON_READY) ## how long the functions take to start, and what of; sizes of their archives
	$(PYTHON) benchmarks/cold_start.py

bench: build $(PYTHON_READY) ## times, memory and sizes, each beside its floor, as Markdown
	$(PYTHON) benchmarks/run.py

lock: ## resolve the Python requirements again (needs uv)
	tools/lock-python

$(PYTHON_READY): $(REQUIREMENTS) tools/python-env
	tools/python-env .venv $(REQUIREMENTS)
	touch $@

# In an environment of its own: it wants other versions of botocore and urllib3 than the tests.
$(AWS_CLI_READY): tests/documents/requirements.txt tools/python-env
	tools/python-env .cache/aws-cli tests/documents/requirements.txt
	touch $@

$(FUNCTIONS_PYTHON_READY): $(addprefix tools/python-runtime/,build main.go go.mod go.sum) tests/service/runtime.txt | $(PYTHON_READY)
	tools/python-runtime/build .cache/functions-python tests/service/runtime.txt $(PYTHON)
	touch $@

$(PULUMI): tools/pulumi-cli/go.mod tools/pulumi-cli/go.sum tools/pulumi-cli/build
	tools/pulumi-cli/build $(abspath $@)
	touch -h $@

$(POSTGRES)-14/bin/postgres $(POSTGRES)-17/bin/postgres: $(POSTGRES)-%/bin/postgres: tools/postgres
	tools/postgres $* $(POSTGRES)-$*
	touch $@
