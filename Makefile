# Thin: each target names one command or two. What it takes: Rust and, for the control plane of the end-to-end tests and the demo, Go.
#
# Whatever has to pass builds the whole workspace at once, so that cargo settles on one set of features and builds each dependency
# once; `cargo test -p CRATE` is the quick way while working on one crate. Times are those of two cores.

CARGO ?= cargo
TARGET = $(or $(CARGO_TARGET_DIR),target)
KEEP ?=

.DEFAULT_GOAL := help
.PHONY: help build test verify lint fmt gen unit e2e demo soak bench bench-scale clean programs control-plane tools

help: ## Show these targets
	@awk 'BEGIN { FS = ":.*## " } /^[a-z0-9-]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## Build the program: target/release/instrumentation-health
	@echo "== building the program, optimised; about 4 minutes when cold"
	$(CARGO) build --release --package instrumentation-health

test: verify tools ## Everything that has to pass: verify, unit and e2e
	@echo "== testing, on recorded data and on a real control plane; about 5 minutes once built"
	$(CARGO) test --quiet --workspace

verify: lint programs ## Formatting, lints, and generated files are current
	@echo "== comparing generated files"
	$(TARGET)/debug/xtask check

lint: ## Formatting and clippy, warnings are errors
	@echo "== checking formatting and lints; about 3 minutes when cold"
	$(CARGO) fmt --all -- --check
	$(CARGO) clippy --quiet --workspace --all-targets -- -D warnings

fmt: ## Format the code
	$(CARGO) fmt --all

gen: programs ## Write the generated files: crds/ and most of docs/
	$(TARGET)/debug/xtask gen

unit: ## Only the tests without a control plane: units, recorded decisions of the operator, recorded clusters
	@echo "== testing without a control plane; about 4 minutes when cold"
	$(CARGO) test --quiet --workspace --exclude instrumentation-health-e2e

e2e: programs tools ## Only the tests on a real control plane on loopback
	@echo "== testing on a real control plane; about 4 minutes once built"
	$(CARGO) test --quiet --package instrumentation-health-e2e

demo: programs control-plane ## Show it on a small shop with nine broken workloads; KEEP=1 leaves it up
	@echo "== showing it; about 2 minutes"
	$(TARGET)/debug/bed demo $(if $(KEEP),--keep)

soak: programs control-plane ## Roll, scale and delete 300 healthy workloads for SOAK_MINUTES (10): nothing may be reported; SOAK_SEED (1)
	@echo "== soaking; about 12 minutes"
	$(TARGET)/debug/bed soak

bench: build control-plane ## Measure: single steps, then 10,000 Pods on the control plane
	@echo "== measuring; about 15 minutes"
	$(CARGO) bench --workspace --bench decide --bench pod_event --bench workload
	$(CARGO) bench --workspace --bench live

bench-scale: ## Measure: 150,000 synthetic Pods, without a control plane
	@echo "== measuring; about 10 minutes"
	$(CARGO) bench --workspace --bench scale

clean: ## Remove what was built in the checkout; the control plane in the user's cache stays
	$(CARGO) clean

programs:
	@echo "== building the programs; about 4 minutes when cold"
	$(CARGO) build --quiet --workspace --bins

control-plane: programs
	@echo "== looking for the control plane; the first time it is built, in about 4 minutes"
	@$(TARGET)/debug/bed build >/dev/null

tools: programs
	@echo "== looking for the control plane, helm, Prometheus and other readers; the first time they are built, in about 9 minutes, and 3 more where no Prometheus is installed"
	@$(TARGET)/debug/bed build --all >/dev/null
