# Needs Python >= 3.10 with pip, and make. All it makes is in .venv/ and dist/.
#
#   make test          lint, type-check and test the wheel as it would be installed
#   make demo          show the checker on a small multi-agent program
#   make test-matrix   the programs under fixtures/ on every supported mypy; MATRIX="1.18.2" for one
#   make experiment    the paper's experiment: who overshoots, who refuses, what the checker says
#   make judge         what the checker says of real packages, against what was judged (docs/judged.md);
#                      JUDGE=--update writes down what changed
#   make survey        the plugin over a million lines that were not written for it (docs/crash-safety.md);
#                      SURVEY="openai rich" for two of the packages, SURVEY="--update" writes down what came out
#   make frameworks    the programs under fixtures/frameworks, with the frameworks that they are written for; about 1 GB
#   make bench         what the plugin costs beside plain mypy (docs/performance.md), in some ten minutes; BENCH="b c" for
#                      some rows of the table, BENCH=--update to write it down, BENCH="--json FILE"
#   make compiled      the plugin compiled by mypyc (needs a C compiler), in dist/compiled, and the programs under fixtures/
#                      with it; make bench-compiled for the table of make bench
#   make bench-more    what budgets cost at run time, the plugin in an editor and in parallel, how tightly the estimators
#                      reserve
#   make soak          hold the checker against Python on random programs, and the ways of running mypy against each
#                      other after random edits; PROGRAMS="100000", EDITS="2000"
#   make docs          the pages of docs/ as a site, dist/site/index.html; needs Python >= 3.11
#   make lint          ruff and mypy only
#   make clean

PYTHON ?= python3
MATRIX ?= 1.18.2 1.20.2 2.0.0 2.4.1
PROGRAMS ?= 100000
CONSTRUCTS ?=
EDITS ?= 2000
BENCH ?=
FRAMEWORKS ?= most crewai
VENV := .venv
BIN := $(VENV)/bin
WHEEL := dist/.built
PACKED := $(shell find budget_types mypy_plugin docs/rules -type f ! -name '*.pyc') pyproject.toml README.md LICENSE
# Not `python -m pytest`, which would put this directory before the installed packages.
PYTEST := pytest -n 2 --dist loadgroup

# Where the standard module venv is cut off from pip (Debian splits it), virtualenv does the same without installing
# anything outside of this directory.
define new-environment
	@$(PYTHON) -c 'import sys; sys.exit("make: Python 3.10 or newer is needed: make PYTHON=python3.12" if sys.version_info < (3, 10) else 0)'
	@rm -rf $(1)
	@$(PYTHON) -m venv $(1) >/dev/null 2>&1 || { \
		rm -rf $(1) && \
		$(PYTHON) -m pip install --quiet --target $(1)/bootstrap virtualenv && \
		PYTHONPATH=$(1)/bootstrap $(PYTHON) -m virtualenv --quiet $(1); }
	@$(1)/bin/python -m pip install --quiet --disable-pip-version-check --upgrade "pip>=25.1"
endef

.PHONY: test lint demo experiment frameworks judge survey docs test-matrix bench bench-more compiled bench-compiled soak clean
.PHONY: $(MATRIX:%=matrix-%) $(FRAMEWORKS:%=frameworks-%)

test: lint
	$(BIN)/$(PYTEST)

# mypy is started as its users start it, so the plugin comes from the installed wheel and not from this directory.
lint: $(VENV)/installed
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

demo: $(VENV)/installed
	@printf '\n%s\n\n' '1. One budget is handed to every researcher (fixtures/research_team/photocopied.py):'
	$(BIN)/budget-types check fixtures/research_team/photocopied.py; test $$? -eq 1
	@printf '\n%s\n\n' '2. Each gets a part of its own (fixtures/research_team/owned.py):'
	$(BIN)/budget-types check fixtures/research_team/owned.py

test-matrix: $(MATRIX:%=matrix-%)

$(MATRIX:%=matrix-%): matrix-%: $(WHEEL)
	$(call new-environment,$(VENV)/matrix/$*)
	@$(VENV)/matrix/$*/bin/pip install --quiet --group test --group demo "mypy==$*" "$$(echo dist/*.whl)[check]"
	$(VENV)/matrix/$*/bin/$(PYTEST) tests/test_fixtures.py tests/test_docs.py tests/test_cli.py

experiment: $(VENV)/installed
	$(BIN)/python fixtures/experiment/run.py

frameworks: $(FRAMEWORKS:%=frameworks-%)

frameworks-most: export INSTALLED_FRAMEWORKS = autogen_agentchat langgraph openai_agents pydantic_ai
frameworks-crewai: export INSTALLED_FRAMEWORKS = crewai

$(FRAMEWORKS:%=frameworks-%): frameworks-%: $(VENV)/frameworks/%/.installed $(WHEEL)
	@$(VENV)/frameworks/$*/bin/pip install --quiet --no-deps --force-reinstall dist/*.whl
	$(VENV)/frameworks/$*/bin/$(PYTEST) tests/test_frameworks.py

judge: $(VENV)/judged/.installed $(WHEEL)
	@$(VENV)/judged/bin/pip install --quiet --no-deps --force-reinstall dist/*.whl
	$(VENV)/judged/bin/python tests/judge.py $(JUDGE)

survey: $(VENV)/survey/.installed $(WHEEL)
	@$(VENV)/survey/bin/pip install --quiet --no-deps --force-reinstall dist/*.whl
	PYTHONPATH=tests $(VENV)/survey/bin/python -P -m survey $(SURVEY)

bench: $(VENV)/installed
	$(BIN)/python bench/table.py $(BENCH)

compiled: $(VENV)/compiled/.installed
	$(VENV)/compiled/bin/$(PYTEST) tests/test_fixtures.py tests/test_docs.py

bench-compiled: $(VENV)/compiled/.installed
	$(VENV)/compiled/bin/python bench/table.py $(BENCH)

bench-more: $(VENV)/installed
	$(BIN)/python bench/spend.py
	$(BIN)/python bench/estimators.py
	PYTHONPATH=tests $(BIN)/python bench/editor.py
	$(BIN)/python bench/parallel.py

soak: $(VENV)/installed
	PYTHONPATH=tests $(BIN)/python -P -m proof --programs $(PROGRAMS) --constructs "$(CONSTRUCTS)"
	PYTHONPATH=tests $(BIN)/python -P -m edits --edits $(EDITS)

# Every page is read anew: Sphinx does not repeat the warnings of those that it has kept.
docs: $(VENV)/docs/.installed
	@rm -rf dist/site
	$(VENV)/docs/bin/python -m sphinx -q -E -W --keep-going -n -j auto -d $(VENV)/docs/doctrees -b html docs dist/site
	@echo dist/site/index.html

clean:
	rm -rf $(VENV) dist .mypy_cache .ruff_cache .pytest_cache .hypothesis

# --group came with pip 25.1.
$(VENV)/tools: pyproject.toml
	$(call new-environment,$(VENV))
	@$(BIN)/pip install --quiet --group test --group usage --group lint --group demo --group tools
	@touch $@

# The packages' exact versions need an environment of their own.
$(VENV)/judged/.installed: pyproject.toml | $(WHEEL)
	$(call new-environment,$(VENV)/judged)
	@$(VENV)/judged/bin/pip install --quiet --group judged "$$(echo dist/*.whl)[check]"
	@touch $@

$(VENV)/survey/.installed: pyproject.toml | $(WHEEL)
	$(call new-environment,$(VENV)/survey)
	@$(VENV)/survey/bin/pip install --quiet --group survey "$$(echo dist/*.whl)[check]"
	@touch $@

# hatchling itself: pip would have it made twice, once to read the name of the wheel.
$(VENV)/compiled/.installed: $(PACKED)
	$(call new-environment,$(VENV)/compiled)
	@$(VENV)/compiled/bin/pip install --quiet hatchling "hatch-mypyc==0.16.0" --group lint --group test --group demo
	@rm -rf dist/compiled
	@HATCH_BUILD_HOOK_ENABLE_MYPYC=1 $(VENV)/compiled/bin/python -m hatchling build --target wheel --directory dist/compiled
	@$(VENV)/compiled/bin/pip install --quiet "$$(echo dist/compiled/*.whl)[check]"
	@touch $@

# Two environments, since they do not agree on a release of openai.
$(VENV)/frameworks/%/.installed: pyproject.toml | $(WHEEL)
	$(call new-environment,$(VENV)/frameworks/$*)
	@$(VENV)/frameworks/$*/bin/pip install --quiet --group frameworks-$* "$$(echo dist/*.whl)[check]"
	@touch $@

$(VENV)/docs/.installed: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("make docs: Python 3.11 or newer is needed: make docs PYTHON=python3.12" if sys.version_info < (3, 11) else 0)'
	$(call new-environment,$(VENV)/docs)
	@$(VENV)/docs/bin/pip install --quiet --group docs
	@touch $@

$(WHEEL): $(PACKED) | $(VENV)/tools
	@rm -f dist/*.whl
	@$(BIN)/pip wheel --quiet --no-deps --wheel-dir dist .
	@touch $@

$(VENV)/installed: $(VENV)/tools $(WHEEL)
	@$(BIN)/pip install --quiet "$$(echo dist/*.whl)[check]"
	@$(BIN)/pip install --quiet --no-deps --force-reinstall dist/*.whl
	@touch $@
