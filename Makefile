# Run `make` to see what there is. Everything happens inside .venv and data/ of this checkout.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# What demo and run need, and what the checks need besides.
RUN := server-requirements.txt client-requirements.txt requirements/playground.txt
CHECKS := requirements/aws.txt requirements/azure.txt requirements/dev.txt
SOURCES := runtime server presence_client playground test bench ansible
.DEFAULT_GOAL := help

help:  ## Show this list.
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(VENV)/installed-checks  ## Make .venv with all that `make check` needs, 650 MB.

PIP = $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes

$(VENV)/installed-run: $(RUN) | $(BIN)/pip
	@echo "Installing what demo and run need into $(VENV): 190 MB, in a minute or two."
	@$(PIP) $(addprefix -r ,$(RUN))
	@touch $@

$(VENV)/installed-checks: $(CHECKS) $(VENV)/installed-run
	@echo "Installing what the checks need into $(VENV): 460 MB more, in a minute or two."
	@$(PIP) $(addprefix -r ,$(CHECKS))
	@touch $@

$(BIN)/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; name one with make PYTHON=python3.12 …" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo "Python's venv is missing: on Debian and Ubuntu, install the package python3-venv." >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV)

# Each file is compiled so that it agrees with those before it.
BRIDGE_PINS = -c server-requirements.txt -c client-requirements.txt
RUN_PINS = $(BRIDGE_PINS) -c requirements/playground.txt

lock: install  ## Compile the requirement files anew from pyproject.toml.
	$(BIN)/uv pip compile $(LOCK) --extra server -o server-requirements.txt
	$(BIN)/uv pip compile $(LOCK) --extra client -c server-requirements.txt -o client-requirements.txt
	$(BIN)/uv pip compile $(LOCK) --extra playground $(BRIDGE_PINS) -o requirements/playground.txt
	$(BIN)/uv pip compile $(LOCK) --extra aws $(RUN_PINS) -o requirements/aws.txt
	$(BIN)/uv pip compile $(LOCK) --extra azure $(RUN_PINS) -c requirements/aws.txt -o requirements/azure.txt
	$(BIN)/uv pip compile $(LOCK) --extra dev $(RUN_PINS) -c requirements/aws.txt -c requirements/azure.txt \
		-o requirements/dev.txt
	$(BIN)/uv pip compile $(LOCK) --extra deploy -o ansible/requirements.txt
	$(BIN)/uv pip compile $(LOCK) --extra lint-deploy -c ansible/requirements.txt -o ansible/lint-requirements.txt

LOCK = pyproject.toml --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-annotate \
	--no-emit-index-url --custom-compile-command "make lock"

fmt: install  ## Format and mend what ruff can.
	$(BIN)/ruff format $(SOURCES)
	$(BIN)/ruff check --fix $(SOURCES)

lint: install  ## Check format and style of Python and YAML.
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/yamllint --strict .

lint-deployment: .venv-deploy/linters  ## Check Dockerfiles, stack files and playbook.
	@.ci/lint-deployment

.venv-deploy/linters: ansible/requirements.txt ansible/lint-requirements.txt
	PYTHON=$(PYTHON) INVENTORY=ansible/inventory/localhost.example.yml ./deploy.sh --version >/dev/null
	.venv-deploy/bin/pip install --quiet --disable-pip-version-check --require-hashes \
		-r ansible/lint-requirements.txt
	@touch $@

types: install  ## Check types.
	$(BIN)/mypy

PYTEST = $(BIN)/pytest -n 3 --dist loadfile --no-loadscope-reorder

test: install  ## Run the unit tests and one whole bridge, in two minutes.
	$(PYTEST) -m "unit or smoke" test/unit test/process/bridge $(ARGS)
	@echo "There is more: make test-slow (processes, browser, attacks) and make stack-test (a swarm)."

test-slow: install  ## Run the other tests: processes, browser, attacks.
	$(PYTEST) -m "not unit and not smoke" test/process test/browser test/hostile $(ARGS)

coverage: install  ## Run all tests and report branch coverage; server/core must be whole.
	$(BIN)/coverage run -m pytest -q $(ARGS)
	$(BIN)/coverage report
	$(BIN)/coverage report --include 'server/core/*' --fail-under 100

bench: install  ## Measure; takes minutes, prints one table.
	PYTHONPATH=test/support $(BIN)/python -m bench $(ARGS)

chaos: install  ## Kill server, workers and database under load for 180 s; every card must be right.
	PYTHONPATH=.:test/support $(BIN)/python -m bench.chaos $(ARGS)

stack-test: install  ## Deploy to a swarm on this machine, with an engine of its own; needs root on Debian 12.
	@PYTHONPATH=test/deploy:test/support:. $(BIN)/python -m swarm

deploy:  ## Run deploy.sh, with its arguments in ARGS.
	@./deploy.sh $(ARGS)

check: lint lint-deployment types test test-slow  ## What CI runs, before the stack-test.

demo: $(VENV)/installed-run  ## See everything at work on this machine, with Discord and Drone played.
	@$(BIN)/python -m playground.demo

run: $(VENV)/installed-run  ## Start server and worker with your .env, and a database if you name none.
	@$(BIN)/python -m playground.run

clean:  ## Remove .venv and what the tests left; data/ stays.
	rm -rf $(VENV) .venv-deploy .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage

.PHONY: help install lock fmt lint lint-deployment types test test-slow coverage bench chaos stack-test check deploy demo run clean
