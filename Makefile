# make sandbox: try it.  make test: prove it.  Both set up everything in .venv first.
# make sandbox PORT=8090 ARGS="--v1": the page's port, and options (--help lists them).
PYTHON ?= python3
VENV = .venv
BIN = $(VENV)/bin
CONTRACT = $(VENV)/contract
SDK = 0.1.1
VERSION = import sys; sys.version_info < (3, 11) or print(*sys.version_info[:2])
PIP = $(BIN)/python -m pip --quiet --disable-pip-version-check

.PHONY: install sandbox test check contract bench battery format lock screenshots clean

install: $(VENV)/.installed

sandbox: install
	@$(BIN)/python -m bot sandbox $(if $(PORT),--port $(PORT)) $(ARGS)

# Many tests wait, so several at a time keep two cores busy: each of TESTS runs in its own process.
# Coverage leaves out what runs in a browser, and Hypothesis, which reads all of bot/ before its first
# example.
TESTS = pages slack web a-m n-z services parts hypothesis
PYTEST = pytest --quiet --override-ini=console_output_style=classic
COVERED = $(BIN)/python -m tests.branches run -m $(PYTEST) -m "not hypothesis"
.PHONY: $(TESTS:%=.test-%)

test: export PYTHONDONTWRITEBYTECODE =
test: $(VENV)/.installed-dev
	@$(BIN)/coverage erase
	@$(MAKE) --no-print-directory --jobs=$(words $(TESTS)) $(TESTS:%=.test-%)
	@$(BIN)/coverage combine --quiet
	@$(BIN)/coverage report

.test-pages:
	@$(BIN)/$(PYTEST) tests/pages

# The files in tests/ are about the whole bot, and the folders about its parts.
.test-a-m .test-n-z:
	@$(COVERED) tests/test_[$(@:.test-%=%)]*.py

.test-slack .test-web:
	@$(COVERED) tests/$(@:.test-%=%)

.test-services:
	@$(COVERED) tests/sandbox tests/videosdk tests/installs

.test-parts:
	@$(COVERED) --ignore-glob='tests/test_*.py' $(patsubst %,--ignore=tests/%,pages slack web sandbox videosdk installs)

.test-hypothesis:
	@$(BIN)/$(PYTEST) -m hypothesis $$(grep -rl --include='test_*.py' hypothesis tests)

check: $(VENV)/.installed-dev
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy

# Runs VideoSDK's own Node SDK against the sandbox; needs Node.js 18 or newer, and npm.
contract: $(VENV)/.installed $(CONTRACT)/.installed-$(SDK)
	@$(BIN)/python -m tests.contract $(CONTRACT)

# Compares the bot with alternatives: about five minutes; writes docs/benchmarks.md.
bench: $(VENV)/.installed-dev
	@$(BIN)/python -m tests.bench

# Tests what the bot survives: about 21 minutes; writes docs/battery.md.
battery: $(VENV)/.installed-dev
	@$(BIN)/python -m tests.battery --write docs/battery.md

format: $(VENV)/.installed-dev
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

# Hosts install requirements.txt: it has every version and hash, and no registry's address. The oldest
# Python needs one package more than newer ones, which install it too.
lock: $(VENV)/.installed-dev
	@$(BIN)/python -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11) and "Lock with the oldest Python: make clean lock PYTHON=python3.11")'
	$(BIN)/pip-compile --quiet --generate-hashes --extra metrics --strip-extras --upgrade --allow-unsafe \
		--no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-header \
		--output-file requirements.txt pyproject.toml

# Takes the README's screenshots of the real page.
screenshots: $(VENV)/.installed-dev
	PYTHONPATH=. $(BIN)/python docs/screenshots.py

clean:
	rm -rf $(VENV) .coverage* .hypothesis .mypy_cache .pytest_cache .ruff_cache

# Recreates the environment if it is incomplete, or if its Python is gone or has another version. A
# working one stays if $(PYTHON) is too old to replace it. Without pyvenv.cfg, its Python would install
# into the system.
$(VENV)/pyvenv.cfg: .FORCE
	@found=$$(test -f $@ && $(BIN)/python -c 'import pip; $(VERSION)' 2>/dev/null); \
	wanted=$$($(PYTHON) -c '$(VERSION)' 2>/dev/null); \
	if test -z "$$found" || test "$$found" != "$${wanted:-$$found}"; then \
		$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; say where: make PYTHON=/path/to/python3.11")' && \
		rm -rf $(VENV) && $(PYTHON) -m venv $(VENV); \
	fi

.FORCE:

$(VENV)/.installed: requirements.txt $(VENV)/pyvenv.cfg
	@echo "Installing into $(VENV)"
	@$(PIP) install --require-hashes -r requirements.txt
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed pyproject.toml
	@echo "Installing what the tests need into $(VENV)"
	@$(PIP) install "pip>=25.1"
	@$(PIP) install --group dev
	@touch $@

$(CONTRACT)/.installed-$(SDK): $(VENV)/.installed
	@echo "Installing VideoSDK's Node SDK into $(CONTRACT)"
	@mkdir -p $(CONTRACT)
	@npm install --prefix $(CONTRACT) --no-save --no-package-lock --no-audit --no-fund --silent \
		@videosdk.live/server-sdk@$(SDK)
	@touch $@
