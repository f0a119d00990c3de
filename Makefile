# Every target does its own set-up; it needs Node >= 20.19, npm and make.
SHELL := /bin/bash
NODE := node
TSX := $(NODE) --import tsx
PYTHON ?= python3
VENV := .venv

.PHONY: help run test wasm golden interop e2e bench parity check build format coverage clean

help:
	@echo "make run      show the probe and a paper message made and read back"
	@echo "make test     unit, golden, property and kernel tests under each engine"
	@echo "make check    format, types, boundaries, kernels equal a rebuild, packaging, PARITY.md fresh"
	@echo "make interop  live tests against the reference programs (needs Python and its registry)"
	@echo "make bench    ratios measured side by side; writes bench/results"
	@echo "make wasm | golden | parity | build | format | coverage | clean"

node_modules/.stamp: package.json package-lock.json
	npm ci --no-audit --no-fund
	@touch $@

test: node_modules/.stamp
	$(TSX) ts/test/run.ts --kind unit --evidence .build/evidence-unit.ndjson

format: node_modules/.stamp
	npx prettier --write --log-level warn ts as bench Makefile package.json tsconfig.json 2>/dev/null || true

clean:
	rm -rf dist .build coverage
