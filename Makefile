# Each target sets up .venv first; nothing else is needed but Python 3.11, make and a C compiler.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
ENGINE := results/build/nanobragg-c
TEST := $(BIN)/python -m pytest --numprocesses auto --dist loadfile --no-loadscope-reorder
SHELL := /bin/sh
.DELETE_ON_ERROR:
.PHONY: env parity evidence bench test coverage check docs report clean help

help:
	@echo "make env     .venv from envs/pinned-requirements.txt, and the C engine"
	@echo "make parity  the supervisor case, all phases, sealed; prints the verdict"
	@echo "make evidence  every case and every campaign, sealed; a verdict that is not pass fails"
	@echo "make bench   speed and memory of both engines, minutes; prints the verdict"
	@echo "make test    the whole test suite"
	@echo "make coverage  the same, and which lines of both packages it ran"
	@echo "make check   ruff, mypy, snakefmt, snakemake --lint, dry run"
	@echo "make docs    the documentation, as a site in site/"
	@echo "make report  where the reports are, newest last"

env: $(READY) $(ENGINE)

$(READY): envs/pinned-requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	    { echo "error: PYTHON: expected Python 3.11 or newer, got `$(PYTHON) --version 2>&1`" >&2; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r envs/pinned-requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	@touch $@

$(ENGINE): $(READY) $(wildcard simulator/reference/*.[ch] simulator/reference/*/*.c)
	$(BIN)/snakemake build_c_engine --quiet all

parity: env
	$(BIN)/snakemake parity_supervisor --cores all

evidence: env
	$(BIN)/snakemake all campaigns --cores all --quiet rules progress

bench: env
	$(BIN)/snakemake benchmark --cores all

test: env
	$(TEST)

coverage: env
	$(TEST) --cov --cov-report=term:skip-covered

# Formatters first, then linters, then the workflow without running it.
check: env
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/snakefmt --check Snakefile workflow/rules
	$(BIN)/snakemake --lint
	$(BIN)/snakemake --dry-run all >/dev/null

# Strict: a warning, such as a link that leads nowhere, is an error.
docs: env
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet
	@echo "site/index.html"

report: env
	@found=$$(ls -1tr results/*/*/report.html results/*/*/benchmark.html 2>/dev/null); \
	    [ -n "$$found" ] || { echo "no report yet: make parity" >&2; exit 1; }; \
	    printf '%s\n' "all attempts: results/index.html" "$$found"

clean:
	rm -rf $(VENV) results/build site
