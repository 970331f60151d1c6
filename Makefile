# Every command of the house. Each makes .venv by itself; Python 3.11 or newer and make are all it needs.

PORT ?= 8000
# Passed on to pytest and the bench: make test ARGS="tests/store -k timeline"
ARGS ?=
# The first of these that is new enough makes .venv.
PYTHON ?= python3 python3.13 python3.12 python3.11

BIN := .venv/bin
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile
USABLE := import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))

# Makes or mends .venv; one that an interrupted run left unfinished is made anew.
define make_venv
if test -e .venv/.unfinished; then rm -rf .venv; fi; \
for each in $(PYTHON); do if $$each -c '$(USABLE)' 2>/dev/null; then found=$$each; break; fi; done; \
if test -z "$$found"; then \
  echo "Genjin needs Python 3.11 or newer with its venv module (Debian: apt install python3-venv)." >&2; \
  echo "None of these is one: $(PYTHON). Name yours: make ... PYTHON=/path/to/python" >&2; exit 1; \
fi; \
mkdir -p .venv && touch .venv/.unfinished && $$found -m venv .venv
endef

# The pip that comes with an older Python takes twice as long as the one of constraints.txt; and each compiles on one core.
define install
@$(make_venv)
$(PIP_INSTALL) --constraint constraints.txt --upgrade pip
$(PIP_INSTALL) --constraint constraints.txt --editable '$(1)'
@$(BIN)/python -m compileall -qq -j 0 .venv/lib || true
@touch $(addprefix .venv/,$(2))
@rm .venv/.unfinished
endef
comma := ,

# Tests start many servers, each of which would compile all of Genjin anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help demo serve test lint examples screenshots bench bench-full constraints clean

help: ## Print this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1	\2/p' Makefile | expand -t 20

demo: .venv/.runtime ## Serve a made-up sales team and print what to try (PORT=8000)
	$(BIN)/genjin demo --port $(PORT)

serve: .venv/.runtime ## Serve the data of GENJIN_DATABASE_URL (PORT=8000)
	$(BIN)/genjin serve --port $(PORT)

test: .venv/.dev ## Run the tests on all cores (ARGS="tests/store -k timeline")
	$(BIN)/python -m pytest -n auto --dist worksteal $(ARGS)

lint: .venv/.dev ## Check style, format, types and who imports whom
	$(BIN)/python -m ruff check
	$(BIN)/python -m ruff format --check
	$(BIN)/python -m mypy
	$(BIN)/lint-imports --no-logo

examples: .venv/.dev ## Renew the examples of docs/reference/kinds.md
	$(BIN)/python -m tests.kind_examples

screenshots: .venv/.dev ## Renew the screenshots of the README (needs Chromium)
	$(BIN)/python -m tests.screenshots

bench: .venv/.dev ## Measure the performance figures
	$(BIN)/python -m bench
	$(BIN)/python -m bench.streams
	$(BIN)/python -m bench.searching
	$(BIN)/python -m bench.reporting --straight
	$(BIN)/python -m bench.importing --rows 100000

bench-full: .venv/.bench ## Measure all of them at 2 and 20 million activities (ARGS="--sizes 100000 1000000")
	$(BIN)/python -m bench --full $(ARGS)

constraints: ## Renew constraints.txt with the newest versions that pyproject.toml allows
	rm -rf .venv
	@$(make_venv)
	$(PIP_INSTALL) --upgrade pip
	$(PIP_INSTALL) --editable '.[dev]'
	sed -n 1p constraints.txt > .venv/constraints.txt
	$(BIN)/python -m pip --disable-pip-version-check freeze --all --exclude-editable >> .venv/constraints.txt
	cp .venv/constraints.txt constraints.txt
	touch .venv/.runtime .venv/.dev
	rm .venv/.unfinished

clean: ## Remove what these commands made, except databases and measurements
	rm -rf .venv .demo .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache build src/*.egg-info
	find src tests bench -name __pycache__ -exec rm -rf {} +

.venv/.runtime: pyproject.toml constraints.txt
	$(call install,.,.runtime)

.venv/.dev: pyproject.toml constraints.txt
	$(call install,.[dev],.runtime .dev)

.venv/.bench: pyproject.toml constraints.txt
	$(call install,.[dev$(comma)bench],.runtime .dev .bench)
