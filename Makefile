# Everything a person needs; the work is in tools/. Respects CARGO_TARGET_DIR.
.DEFAULT_GOAL := help
SHELL := /bin/bash

# Where `make run` keeps its data, and the first of its ports.
DATA ?= ./data
PORT ?= 8080
# A part of a crate's name: `make test ONLY=clients` runs those tests alone.
ONLY ?=
# Words for the bench, passed on as they are.
ARGS ?=

.PHONY: help run test faults bench lint clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-6s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## build and start the whole platform with a demo (DATA=./data PORT=8080)
	@tools/run --data "$(DATA)" --port "$(PORT)"

test: ## install what is missing and run every test (ONLY=part-of-a-crate-name)
	@tools/setup test
	@tools/test $(ONLY)

faults: ## kill and stop processes, databases and the broker under load, double ten thousand refreshes, for hours (FAULT_SEED=… repeats a run)
	@tools/setup test
	@cargo build --quiet -p grantor
	@FAULT_KILLS=50 FAULT_LONG=1 cargo test --quiet -p grantor-tests-faults -- --nocapture --test-threads 1 \
	  kill:: split:: points:: kafka:: arrivals:: revocation:: tenants::
	@FAULT_KILLS=25 FAULT_KAFKA_SECONDS=600 cargo test --quiet -p grantor-tests-drills -- --nocapture --test-threads 1
	@GRANTOR_REFRESHES=10000 cargo test --quiet -p grantor-token --test it doubled

bench: ## measure code exchange and introspection beside a bare server, or deliveries (ARGS=--webhooks)
	@tools/bench $(ARGS)

lint: ## formatting and clippy, warnings are errors
	@tools/setup build
	@cargo fmt --all --check
	@cargo clippy --workspace --all-targets --quiet -- -D warnings
	@tools/lint-deploy

clean: ## remove what was built and installed here; the demo's data stays
	@cargo clean
	@rm -rf .tools artifacts tests/clients/node/node_modules tests/browser/node_modules
