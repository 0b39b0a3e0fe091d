# Everything runs from .venv, which `make venv` fills from the hashed lock (requirements.txt).
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
WORKERS ?= 2
WITH_PAPERS = AMANAT_PAPER_LIBRARIES=$$(bash .ci/pango)
WITH_PROGRAMS = $(WITH_PAPERS) AMANAT_TEST_CHROMIUM=$$(bash .ci/chromium) AMANAT_TEST_HLEDGER=$$(bash .ci/hledger)

.PHONY: venv run browser hledger test test-long check bench bench-national fmt lock schema docs release clean

venv: .venv/.ready

.venv/.ready: requirements.txt pyproject.toml
	bash .ci/venv $(PYTHON)
	touch $@

run: venv ## Start the service on embedded PostgreSQL, with the pilot federation loaded
	$(WITH_PAPERS) $(BIN)/amanat serve --demo tests/data/pilot

browser: ## Chromium and fonts for the tests of pages, fetched where they are missing
	@bash .ci/chromium >/dev/null

hledger: ## The program that reads our journals in tests, fetched where it is missing
	@bash .ci/hledger >/dev/null

test: venv browser hledger ## The whole suite, but for what takes long
	$(WITH_PROGRAMS) $(BIN)/pytest -m "not long" -n $(WORKERS) --dist loadscope

test-long: venv browser hledger ## What takes long, and the suite once more on Debian's PostgreSQL 15, axe everywhere
	$(WITH_PROGRAMS) $(BIN)/pytest -m long -n $(WORKERS) --dist loadscope
	$(WITH_PROGRAMS) AMANAT_TEST_AXE=everywhere bash .ci/postgres15 $(BIN)/pytest -m "not long" -n $(WORKERS) --dist loadscope

check: venv ## Formatting, lint, types, imports, dependencies, SQL, containers
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/python -m api.compatibility
	$(BIN)/deptry .
	$(BIN)/sqlfluff lint --disable-progress-bar ledger service
	$(BIN)/hadolint Dockerfile
	$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec compose.yaml

bench: venv ## Lines per second beside COPY and a Python peer, as ratios in one run
	$(BIN)/python -m bench
	$(BIN)/python -m bench.national --members 10000 100000 --quick

bench-national: venv ## From 10 thousand members to 10 million: says its disk first, goes on where it was cut off
	$(BIN)/python -m bench.national

fmt: venv
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: venv ## Resolve anew; the lock with addresses stays out of the repository
	$(BIN)/uv lock --upgrade
	$(BIN)/uv export --quiet --no-emit-project --all-groups --output-file requirements.txt

schema: venv ## Write migrations/schema.sql, the golden dump, after a new migration
	$(BIN)/python -m migrations.golden

docs: venv ## Write what is derived: the OpenAPI document and the page of errors
	$(BIN)/python -m api.openapi

release: venv ## Promise the API of today: from now on a change that breaks it fails the check
	$(BIN)/python -m api.compatibility release

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
