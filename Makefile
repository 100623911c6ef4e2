# Zhike 知客. `make help` lists what there is. State lives under ZHIKE_HOME (default var/), the port is ZHIKE_PORT (8000).
SHELL := /bin/sh
PYTHON ?= python3
SIZE ?= small
UPGRADE ?=
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
export PYTHON UPGRADE
# npm is a tool of the build here; nobody wants to hear of its newer versions.
export npm_config_update_notifier := false

.DEFAULT_GOAL := help
.PHONY: help install demo serve test check bench docs format lock clean frontend packages

help: ## List the commands
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 18

install: .venv/.run frontend locale ## Environment, front end and translations: all that serving needs

demo: install ## Install, load the demo company and serve it
	$(BIN)/zhike demo
	$(BIN)/zhike serve

serve: install ## Serve this installation (ZHIKE_HOME, ZHIKE_PORT)
	$(BIN)/zhike serve

test: .venv/.dev frontend locale packages ## The whole suite on SQLite and PostgreSQL, with the browser journeys
	$(BIN)/python -m tests.suite $(ARGS)

check: .venv/.dev frontend locale ## Format, lint, types, layers, migrations, deployment settings, translations, docs
	$(BIN)/python -m tests.check $(ARGS)

bench: .venv/.dev frontend locale packages ## Benchmarks as a table of ratios (SIZE=small or large)
	$(BIN)/python -m bench --size $(SIZE) $(ARGS)

docs: .venv/.dev locale ## Generated reference and guides as pages in site/
	$(BIN)/python -m zhike.cli --language en docs reference docs/reference
	$(BIN)/python docs/build.py

format: .venv/.dev ## Bring the code into its one format
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

lock: .venv/.dev ## Compile the locked lists anew (UPGRADE=--upgrade: newest versions)
	requirements/lock.sh

clean: ## Remove the environment and everything built; state stays
	rm -rf .venv frontend/node_modules zhike/web/static/build site build *.egg-info
	rm -rf .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

# --- what stands behind them ---------------------------------------------------------------------------------------

.venv/bin/python:
	requirements/debian.sh python3-venv libgomp1
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Zhike needs Python 3.11 or newer")'
	$(PYTHON) -m venv .venv

# Only what serving needs, by hash; then the package itself, editable.
.venv/.run: requirements/run.txt requirements/build.txt pyproject.toml | .venv/bin/python
	$(PIP) --require-hashes -r requirements/run.txt -r requirements/build.txt
	$(PIP) --no-deps --no-build-isolation --no-index -e .
	@$(BIN)/python -m compileall -q zhike
	@touch $@

.venv/.dev: requirements/dev.txt .venv/.run
	$(PIP) --require-hashes -r requirements/dev.txt
	@touch $@

# The script itself sees whether anything changed.
frontend: .venv/.run
	@$(BIN)/python frontend/build.py

.PHONY: locale
locale: .venv/.run
	@$(BIN)/python -m zhike.locale_build

packages:
	@requirements/debian.sh postgresql chromium fonts-noto-cjk
