# `make serve` and `make test` need nothing but Python 3.11 or newer.

PORT ?= 8000
WORKERS ?= auto
VENV := .venv
PY := $(VENV)/bin/python

.PHONY: help serve demo test quick mutate check format bench lock deploy-button clean

help: ## show these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

serve: $(VENV)/.run ## serve on http://127.0.0.1:$(PORT)
	PORT=$(PORT) $(PY) -m digest serve

demo: $(VENV)/.run ## serve against the small invented arXiv under tests/, no network needed
	@PORT=$(PORT) $(PY) -m tests.demo_arxiv --serve

test: $(VENV)/.dev ## run the tests, in random order, on every core; the slow ones last
	$(PY) -m pytest -n $(WORKERS)

quick: $(VENV)/.dev ## run the tests without a browser and without processes of their own
	$(PY) -m pytest -n $(WORKERS) -m "not end_to_end"

mutate: $(VENV)/.dev ## break each line of the rules of trust and see a test fail: make mutate [ONLY='digest.merging*']
	$(PY) -m pip install --quiet --disable-pip-version-check -r tools/requirements-mutation.txt
	$(PY) -m mutmut run $(if $(ONLY),'$(ONLY)')
	$(PY) -m mutmut results

check: $(VENV)/.dev ## format, lint, types, prose, tests of the code; CI adds whole scenarios (.ci/run). Your settings: .venv/bin/python -m digest check
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	$(PY) -m mypy
	$(PY) -m proselint check --config .proselintrc.json *.md docs digest/words/english.py
	$(MAKE) --no-print-directory test

format: $(VENV)/.dev ## format the code and mend what can be mended
	$(PY) -m ruff format .
	$(PY) -m ruff check --fix .

bench: $(VENV)/.dev ## performance as ratios within one run
	$(PY) -m bench

lock: $(VENV)/.dev ## pin requirements-server.txt with all it brings along; `make lock UPGRADE=--upgrade` takes newer releases
	$(PY) -m uv pip compile $(UPGRADE) --universal --python-version 3.11 --generate-hashes --no-annotate --no-emit-index-url \
	  --no-emit-find-links --quiet --custom-compile-command "make lock" --output-file requirements.lock requirements-server.txt

deploy-button: $(VENV)/bin/python ## write "Deploy with Vercel" buttons for a fork into README.md: make deploy-button REPO=you/fork
	@$(PY) tools/deploy_button.py '$(REPO)'

clean: ## remove what make created
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis mutants

# The interpreter: PYTHON if given, else the first usable one of 3.12, 3.13, 3.14, 3.11. Each is tried by running
# it, since a pyenv shim exists for versions that a .python-version then refuses.
$(VENV)/bin/python:
	@for candidate in $(PYTHON) python3.12 python3.13 python3.14 python3.11 python3 python \
	    $$(ls -d $${PYENV_ROOT:-$$HOME/.pyenv}/versions/3.1[1-4]*/bin/python 2>/dev/null); do \
	  if $$candidate -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' 2>/dev/null; then \
	    echo "Using $$($$candidate --version) ($$candidate)"; \
	    exec $$candidate -m venv $(VENV); \
	  fi; \
	done; \
	echo "No usable Python found: version 3.11 to 3.14 with venv is needed (Debian: apt install python3-venv)." >&2; exit 1

$(VENV)/.run: requirements.lock | $(VENV)/bin/python
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

$(VENV)/.dev: $(VENV)/.run requirements.txt requirements-server.txt requirements-dev.txt
	$(PY) -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@
