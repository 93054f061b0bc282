# What a newcomer and a builder type; `make` alone lists it. GNU make 3.81 and a POSIX sh are enough.
# Everything is installed into .venv, from the lock files, on first use; later runs need no network.

VENV = .venv
PY = $(VENV)/bin/python
UV = uv
WORKERS = auto
BENCH = all
KILLS = 1000
PEOPLE = 5000
PYTEST = -q -n $(WORKERS) --dist loadfile

PIP = $(PY) -m pip --disable-pip-version-check --no-input install -qq
INSTALL = $(PIP) --require-hashes --no-deps --only-binary :all: -r
EDITABLE = $(PIP) --no-deps --no-build-isolation -e .
HELPLESS = { echo "The set-up stopped. It needs the network once; check the line and run make again." >&2; exit 1; }
COMPILE = $(UV) pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes \
          --no-emit-index-url --custom-compile-command "make lock" $(UPGRADE)

# A venv whose Python is gone, that was left half made, or whose folder was moved cannot run: it is made anew.
READY := $(shell $(PY) -c 'import pip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { \
           test ! -e $(VENV)/made-in || test "`cat $(VENV)/made-in`" = "`pwd -P`"; } && echo yes)
ifneq ($(READY),yes)
.PHONY: $(VENV)/made-in
endif

.PHONY: help setup demo test torture season check lint types imports spell collect docs bench lock hooks clean

help:
	@echo "make demo     set everything up and rehearse the shipped campaign, start to end"
	@echo "make test     set everything up and run the tests (one of them: make test PYTEST='-k plan')"
	@echo "make torture  kill runners 1,000 times with 1, 2 and 4 at once, for some ten minutes; then the table"
	@echo "make season   5,000 supporters write over weeks of a moved clock, for up to half an hour; then the figures"
	@echo "make check    lint, types, imports, spell and test: what has to pass before a commit"
	@echo "make docs     run what README and docs/ show"
	@echo "make setup    only set everything up, tests included"
	@echo "make bench    measure, for half an hour (one part: make bench BENCH=send; docs/benchmarks.md)"
	@echo "make lock     choose versions anew within pyproject.toml (newer ones: make lock UPGRADE=-U)"
	@echo "make hooks    let git run lint, types, imports, spell and collect before each commit"
	@echo "make clean    remove .venv, caches and builds; letters, ledgers and settings stay"

setup: $(VENV)/dev

demo: $(VENV)/runtime
	@$(VENV)/bin/outreach demo

test: $(VENV)/dev
	@$(PY) -m pytest $(PYTEST)

torture: $(VENV)/dev
	@TORTURE_KILLS=$(KILLS) $(PY) -m pytest -q tests/torture/test_kills.py

season: $(VENV)/dev
	@SEASON_PEOPLE=$(PEOPLE) $(PY) -m pytest -q -s tests/journeys/test_a_season_of_supporters.py

check: lint types imports spell test

lint: $(VENV)/dev
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .

types: $(VENV)/dev
	@$(PY) -m mypy

imports: $(VENV)/dev
	@$(VENV)/bin/lint-imports

spell: $(VENV)/dev
	@$(PY) -m codespell_lib

collect: $(VENV)/dev
	@$(PY) -m pytest -qq --collect-only >$(VENV)/collected || { tail -20 $(VENV)/collected; exit 1; }

docs: $(VENV)/dev
	@$(PY) -m pytest -q tests/workshop/test_readme.py tests/workshop/test_documents.py

bench: $(VENV)/dev
	@sh bench/run.sh $(BENCH)

lock:
	@command -v $(UV) >/dev/null || { echo "make lock needs uv: pipx install uv, or make lock UV=/path/to/uv" >&2; exit 1; }
	$(COMPILE) --group build -o requirements.lock
	$(COMPILE) --group build --group dev --all-extras -c requirements.lock -o requirements-dev.lock

hooks:
	git config core.hooksPath .githooks

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage htmlcov
	find src tests bench -name __pycache__ -prune -exec rm -rf {} +

$(VENV)/made-in:
	@test "$(READY)" = yes || { python=`sh .ci/python` && echo "Making $(VENV) with $$python" && \
	    rm -rf $(VENV) && "$$python" -m venv $(VENV); }
	@pwd -P > $@

$(VENV)/runtime: $(VENV)/made-in requirements.lock pyproject.toml
	@echo "Installing what outreach needs into $(VENV): once, about half a minute"
	@$(INSTALL) requirements.lock || $(HELPLESS)
	@$(EDITABLE)
	@touch $@

$(VENV)/dev: $(VENV)/made-in requirements-dev.lock pyproject.toml
	@echo "Installing what the tests need into $(VENV): once, about a minute"
	@$(INSTALL) requirements-dev.lock || $(HELPLESS)
	@$(EDITABLE)
	@touch $(VENV)/runtime $@
