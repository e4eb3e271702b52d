# GNU make and a POSIX shell. What is fetched or made lies in .venv, .venv-foreign, .venv-ralph, node_modules,
# builder/_player, dist, site.
# Needs Python 3.11 or later with venv, make and git; tools/setup.py finds or fetches the rest (see CONTRIBUTING.md).

PYTHON ?= $(shell for name in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	"$$name" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$name" && break; done)
VENV := .venv
BIN := $(VENV)/bin
NODE = "$$($(BIN)/python -m tools.setup path node)"
SKIPPED = $(filter $(1),$(subst $(comma), ,$(CARABIN_SKIP)))
comma := ,

.PHONY: build test test-all bench lint format docs player setup runtime-tests clean clean-all

build: $(VENV)/.carabin player  ## packages of the courses in course_src, in dist/
	$(BIN)/carabin build --out dist

test: lint runtime-tests  ## everything that a change must pass; sets up what it needs
	$(BIN)/python -m pytest -n 2 --dist worksteal

test-all: export CARABIN_FULL := 1
test-all: test  ## the same with free property tests and the full matrix

bench: setup player  ## speed and size against the floor and a peer, as one table
	$(BIN)/python -m benchmarks.bench

lint: setup player
	$(BIN)/ruff check --quiet
	$(BIN)/ruff format --quiet --check
	$(BIN)/mypy
ifeq ($(call SKIPPED,node),)
	$(NODE) node_modules/typescript/bin/tsc -p tsconfig.json
	$(NODE) node_modules/typescript/bin/tsc -p tsconfig.tests.json
	$(NODE) node_modules/prettier/bin/prettier.cjs --log-level=warn --check $(SCRIPTS)
endif

format: setup
	$(BIN)/ruff check --quiet --fix
	$(BIN)/ruff format --quiet
	$(NODE) node_modules/prettier/bin/prettier.cjs --log-level=warn --write $(SCRIPTS)

runtime-tests: setup
ifeq ($(call SKIPPED,node),)
	$(NODE) --test --test-reporter=spec $$(find tests -name '*.test.js' -o -name '*.test.mjs' | sort)
endif

docs: $(VENV)/.carabin player  ## the manual: the pages of docs/ that are made from the code, then its site in site/
	$(BIN)/python tools/generate_docs.py
	$(BIN)/python -m tools.setup extra docs
	rm -rf site
	$(BIN)/python -m sphinx -q -W --keep-going -n -d .manual docs site

player: $(VENV)/.carabin  ## the player's pieces, when builder/runtime has changed
	$(BIN)/python -m tools.player

setup: $(VENV)/.carabin
	$(BIN)/python -m tools.setup

$(VENV)/.carabin: pyproject.toml hatch_build.py
	@test -n "$(PYTHON)" || { echo "Python 3.11 or later with venv is needed (make PYTHON=…)" >&2; exit 2; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	touch $@

clean:
	rm -rf dist site .manual builder/_player benchmarks/corpus .hypothesis .mypy_cache .pytest_cache .ruff_cache

clean-all: clean
	rm -rf $(VENV) .venv-foreign .venv-ralph .venv-peer node_modules .tools.json

SCRIPTS = "builder/runtime/**/*.{js,ts}" "builder/lms/**/*.js" "builder/serve/static/*.{js,ts}" "tests/**/*.{js,mjs}"
