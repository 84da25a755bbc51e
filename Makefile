# yuyan: every target works on a machine that has Python 3.11+ and make, and nothing else.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# tests on all cores, a file by one hand; four browsers at once are enough
HANDS := -n auto --maxprocesses 4 --dist loadfile
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help warm demo serve test nightly lint unit web bench dense scale town rehearsal lock docs clean

help: ## list the targets
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 16

$(VENV)/.run: requirements.lock pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --no-build-isolation --no-deps -e .
	touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.run
	$(BIN)/pip install --quiet --require-hashes -r requirements-dev.lock
	touch $@

web: $(VENV)/.run ## build the web app (takes Node from a wheel where none is on the path)
	$(BIN)/python web/build.py

warm: $(VENV)/.run ## compile the clash kernels into their cache (one to two minutes, once)
	$(BIN)/yuyan warm

demo: $(VENV)/.run ## build the sample project, review it and open the service on a free port
	$(MAKE) -j2 warm web
	$(BIN)/yuyan demo

serve: warm web ## start the service on port 8000 with its data in ./data
	$(BIN)/yuyan serve --data data

lint: $(VENV)/.dev ## format, lint, types and import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

test: $(VENV)/.dev ## everything: lint, web checks and all tests (Chromium is needed for the browser tests)
	$(MAKE) -j2 warm web lint
	$(BIN)/python web/build.py --check
	@$(BIN)/python -m tests.browser || true
	$(BIN)/pytest $(HANDS)

nightly: $(VENV)/.dev warm ## the long tests only: a hundred thousand pairs against the reference, all faults of plans
	$(BIN)/pytest -m slow -o faulthandler_timeout=0 tests/mutation
	$(BIN)/pytest -m slow -n auto --maxprocesses 4 -o faulthandler_timeout=0 tests/property

unit: $(VENV)/.dev ## the fast tests only
	$(BIN)/pytest $(HANDS) tests/unit

bench: $(VENV)/.dev ## ratios against the peers, same files, same run
	$(BIN)/yuyan bench

dense: $(VENV)/.dev warm ## growth of the clash core with two bodies of up to 327,680 triangles
	$(BIN)/python -m benchmarks.dense

scale: $(VENV)/.dev ## growth of the clash core to 100,000 bodies, and the price of a re-check
	$(BIN)/python -m benchmarks.scale

town: $(VENV)/.dev ## time of the map checks: 100,000 pipes and 50,000 houses round 20,000 elements
	$(BIN)/python -m benchmarks.site

rehearsal: $(VENV)/.dev warm ## time of the rules: 10,000 tasks on 50,000 elements, and the way in of 5,000
	$(BIN)/python -m benchmarks.rehearsal

docs: $(VENV)/.dev ## regenerate docs/codes.md, docs/settings.md and web/openapi.json
	$(BIN)/python -m api.documents

lock: $(VENV)/.dev ## pin what is installed, with hashes
	$(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile pyproject.toml --group build --universal --python-version 3.11 --generate-hashes --no-header -q -o requirements.lock
	$(BIN)/uv pip compile pyproject.toml --group build --group dev --universal --python-version 3.11 --generate-hashes --no-header -q -c requirements.lock -o requirements-dev.lock

clean: ## remove what was built, keep data
	rm -rf $(VENV) web/dist web/node_modules sample_models/build
