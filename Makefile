# Every target does its own set-up; it needs Node >= 20.19, npm and make. `make interop` and
# `make golden` also need Python 3 and its package registry.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
NODE ?= node
PYTHON ?= python3
TSX := $(NODE) --import tsx
RUN := $(TSX) ts/test/run.ts
UNIT := .build/evidence-unit.ndjson
LIVE := .build/evidence-live.ndjson
E2E := .build/evidence-e2e.ndjson
RUNS = $(foreach f,$(wildcard $(UNIT) $(LIVE) $(E2E)),--evidence $(f))
PARITY := $(TSX) ts/parity/main.ts
FORMATTED := 'ts/**/*.ts' 'bench/**/*.ts' 'as/*.mjs' 'golden/gen/*.mjs' '*.json'

.PHONY: help run test coverage check format types packaging wasm golden references interop e2e \
	bench parity build clean

help:
	@echo 'make run        a paper message on the command line, then the page on http://127.0.0.1:4242/'
	@echo 'make test       unit, golden and property tests, kernels under each engine'
	@echo 'make check      format, types, boundaries, kernels equal a rebuild, packaging, PARITY.md'
	@echo 'make interop    live tests against the reference programs (Python and its registry)'
	@echo 'make e2e        the page in a real browser (Chromium)'
	@echo 'make bench      ratios measured side by side; writes bench/results'
	@echo 'make coverage   make test with coverage printed'
	@echo 'make wasm | golden | parity | build | format | clean'

node_modules/.stamp: package.json package-lock.json
	npm ci --no-audit --no-fund --loglevel=error
	@touch $@

run: node_modules/.stamp
	@$(TSX) ts/cli/main.ts probe
	@bash examples/paper.sh $(TSX) ts/cli/main.ts
	@echo
	@exec $(TSX) ts/demo/serve.ts

test: node_modules/.stamp
	@mkdir -p .build
	@$(RUN) --kind unit --evidence $(UNIT)

coverage: node_modules/.stamp
	@npx c8 --include 'ts/**' --exclude 'ts/test/**' --exclude 'ts/kernel/generated/**' \
		--exclude 'ts/stellar/xdr/**' --reporter text-summary --reporter lcovonly \
		$(RUN) --kind unit

check: node_modules/.stamp
	npx prettier --check --log-level warn $(FORMATTED)
	npx tsc -p tsconfig.json
	$(RUN) test/boundary test/hygiene
	$(NODE) as/build.mjs --check
	@$(MAKE) --no-print-directory packaging
	$(PARITY) check $(RUNS)

packaging: build
	npx publint --strict
	npx attw --pack . --profile esm-only --quiet --exclude-entrypoints $(wildcard wasm/*.wasm)

build: node_modules/.stamp
	@rm -rf dist
	npx tsc -p ts/tsconfig.build.json
	@chmod +x dist/cli/main.js

format: node_modules/.stamp
	npx prettier --write --log-level warn $(FORMATTED)

wasm: node_modules/.stamp
	$(NODE) as/build.mjs

.venv/.stamp: golden/requirements.txt
	$(PYTHON) -m venv .venv
	.venv/bin/python -m pip install --quiet --disable-pip-version-check -r $<
	@touch $@

.venv-old/.stamp: golden/requirements-old.txt
	$(PYTHON) -m venv .venv-old
	.venv-old/bin/python -m pip install --quiet --disable-pip-version-check -r $<
	@touch $@

references: .venv/.stamp .venv-old/.stamp

golden: node_modules/.stamp references
	.venv/bin/python golden/gen/all.py

interop: node_modules/.stamp
	@if ! $(MAKE) --no-print-directory references >.references.log 2>&1; then \
		echo "interop: no reference program to talk to (Python or its package registry is absent)"; \
		tail -n 3 .references.log; rm -f .references.log; test -z "$${CI:-}"; exit; \
	fi; rm -f .references.log; mkdir -p .build; \
	$(RUN) --kind live --evidence $(LIVE) && $(PARITY) check --evidence $(LIVE)

e2e: node_modules/.stamp
	@mkdir -p .build
	@if ! command -v chromium >/dev/null; then \
		echo 'e2e: no browser here; install Chromium (Debian packages chromium, poppler-utils)'; \
		test -z "$${CI:-}"; exit; \
	fi; $(RUN) --kind e2e --evidence $(E2E) && $(PARITY) check --evidence $(E2E)

bench: node_modules/.stamp
	@$(TSX) bench/run.ts $(BENCH)

parity: node_modules/.stamp
	$(PARITY) merge $(RUNS)

clean:
	rm -rf dist .build coverage
