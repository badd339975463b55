# Thin: each target names one command or two. What it takes: Rust and, for the control plane of the end-to-end tests and the demo, Go.
#
# Whatever has to pass builds the whole workspace at once, so that cargo settles on one set of features and builds each dependency
# once; `cargo test -p CRATE` is the quick way while working on one crate. Times are those of two cores.

CARGO ?= cargo
TARGET = $(or $(CARGO_TARGET_DIR),target)
KEEP ?=
# The image is as old as its source, so that the same source gives the same image.
SOURCE_DATE_EPOCH ?= $(shell git log -1 --format=%ct 2>/dev/null || echo 0)
REVISION ?= $(shell git describe --always --dirty --abbrev=40 --exclude='*' 2>/dev/null || echo unknown)
IMAGES = $(abspath $(TARGET))/images

.DEFAULT_GOAL := help
.PHONY: help build test verify lint fmt gen unit e2e demo soak bench bench-scale image clean programs control-plane tools packed

help: ## Show these targets
	@awk 'BEGIN { FS = ":.*## " } /^[a-z0-9-]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## Build the program: target/release/instrumentation-health
	@echo "== building the program, optimised; about 4 minutes when cold"
	$(CARGO) build --release --package instrumentation-health

test: verify tools packed ## Everything that has to pass: verify, unit, e2e and image
	@echo "== testing, on recorded data and on a real control plane; about 5 minutes once built"
	IMAGE=$(IMAGES)/instrumentation-health.tar $(CARGO) test --quiet --workspace

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

image: packed ## Make the container image, without a container engine, and its bill of materials: target/images
	@echo "== checking the image"
	IMAGE=$(IMAGES)/instrumentation-health.tar $(CARGO) test --quiet --workspace --test image

clean: ## Remove what was built in the checkout; the control plane in the user's cache stays
	$(CARGO) clean

programs:
	@echo "== building the programs; about 4 minutes when cold"
	$(CARGO) build --quiet --workspace --bins

control-plane: programs
	@echo "== looking for the control plane; the first time it is built, in about 4 minutes"
	@$(TARGET)/debug/bed build >/dev/null

tools: programs
	@echo "== looking for the control plane, crane, helm, Prometheus and other readers; the first time they are built, in about 9 minutes, and 3 more where no Prometheus is installed"
	@$(TARGET)/debug/bed build --all >/dev/null

packed: programs
	@echo "== building the static program of the image; about 8 minutes when cold"
	deploy/build-static $(IMAGES)/built/out
	SOURCE_DATE_EPOCH=$(SOURCE_DATE_EPOCH) $(TARGET)/debug/xtask sbom --program $(IMAGES)/built/out/instrumentation-health --out $(IMAGES)/instrumentation-health.cdx.json
	SOURCE_DATE_EPOCH=$(SOURCE_DATE_EPOCH) $(TARGET)/debug/xtask image --built $(IMAGES)/built --build-arg REVISION=$(REVISION) --out $(IMAGES)/instrumentation-health.tar
