# Thin: each target names one command. What it takes: Rust (rust-toolchain or newer than the workspace's rust-version) and, for the
# control plane of the end-to-end tests and the demo, Go. Times are those of 2 cores; the first end-to-end run adds about 4 minutes,
# in which the control plane is built once.

CARGO ?= cargo
KEEP ?=

.DEFAULT_GOAL := help
.PHONY: help build test verify lint fmt gen unit e2e demo bench bench-scale clean

help: ## Show these targets
	@awk 'BEGIN { FS = ":.*## " } /^[a-z0-9-]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## Build the program: target/release/instrumentation-health
	@echo "building the program; about 4 minutes when cold"
	$(CARGO) build --release --package instrumentation-health

test: verify unit e2e ## Everything that has to pass: verify, unit, e2e

verify: lint ## Formatting, lints, and generated files are current
	@echo "comparing generated files; seconds"
	$(CARGO) run --quiet --package xtask -- check

lint: ## Formatting and clippy, warnings are errors
	@echo "checking formatting and lints; about 3 minutes when cold"
	$(CARGO) fmt --all -- --check
	$(CARGO) clippy --quiet --workspace --all-targets -- -D warnings

fmt: ## Format the code
	$(CARGO) fmt --all

gen: ## Write the generated files: crds/, docs/causes/
	$(CARGO) run --quiet --package xtask -- gen

unit: ## Unit tests, recorded decisions of the operator, recorded clusters
	@echo "testing without a cluster; about 4 minutes when cold"
	$(CARGO) test --quiet --workspace --exclude instrumentation-health-e2e

e2e: ## Tests on a real control plane on loopback
	@echo "testing on a real control plane; about 4 minutes, and 4 more the first time, in which it is built"
	$(CARGO) build --quiet --package instrumentation-health
	$(CARGO) test --quiet --package instrumentation-health-e2e

demo: ## Show it on a small shop with nine broken workloads; KEEP=1 leaves it up
	@echo "building, then starting a control plane; about 5 minutes the first time, one later"
	$(CARGO) build --quiet --package instrumentation-health
	$(CARGO) run --quiet --package instrumentation-health-e2e --bin bed -- demo $(if $(KEEP),--keep)

bench: ## Measure: single steps, then 10,000 Pods on the control plane
	@echo "measuring; about 15 minutes"
	$(CARGO) bench --package instrumentation-health-e2e --bench steps
	$(CARGO) run --release --package instrumentation-health-e2e --bin bed -- bench

bench-scale: ## Measure: 150,000 synthetic Pods, without a control plane
	@echo "measuring; about 5 minutes"
	$(CARGO) bench --package instrumentation-health-e2e --bench scale

clean: ## Remove what was built in the checkout; the control plane's cache stays
	$(CARGO) clean
