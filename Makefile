# `make` alone lists the targets. What they need, casework/packaging/prepare.py installs first.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
PORT ?=
T ?=
IN = .venv/bin/
PREPARE = @$(PYTHON) casework/packaging/prepare.py

.DEFAULT_GOAL = help
.PHONY: help run test sure format lint types contracts catalogues assets pictures locks clean

help: ## List the targets.
	@awk 'BEGIN {FS = ":.*## "} /^[a-z]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: ## Serve http://localhost:6543 with demo data; PORT=8000 changes the port.
	$(PREPARE) run
	@exec $(IN)casework serve development.ini $(if $(PORT),--port $(PORT))

test: ## Run all tests; T="tests/forms -k draft" runs some.
	$(PREPARE) test
	@$(IN)pytest -n auto --dist worksteal $(T)

sure: ## Everything that must hold before a change lands: format, lint, types, contracts, words, tests.
	$(PREPARE) test
	@$(IN)ruff format --check .
	@$(MAKE) --no-print-directory lint types contracts
	@$(IN)python -m casework.packaging.catalogues check
	@$(IN)pytest -n auto --dist worksteal $(T)

format: ## Format the code.
	@$(IN)ruff format .
	@$(IN)ruff check --fix-only --quiet .

lint: ## Look for mistakes and misspellings.
	@$(IN)ruff check .
	@$(IN)codespell

types: ## Check the types.
	@$(IN)mypy -p casework -p casework_programs

contracts: ## Check that the layers and programs keep apart.
	@$(IN)lint-imports

catalogues: ## Bring the catalogues of translations up to date with the sources, and compile them.
	$(PREPARE) test
	@$(IN)python -m casework.packaging.catalogues update

assets: ## Build styles, scripts and icons.
	$(PREPARE) run

pictures: ## Take the pictures of the README anew, from the service itself.
	$(PREPARE) test
	@$(IN)python -m casework.testing.pictures

locks: ## Lock the newest allowed packages by their hashes.
	$(PREPARE) locks

clean: ## Remove what was built and installed, but no data (var/ stays).
	rm -rf .venv node_modules build dist .state/locker .state/types .mypy_cache .ruff_cache .pytest_cache .import_linter_cache casework.egg-info casework/web/static/built
	find casework plugins forms locale standards tests -name __pycache__ -prune -exec rm -rf {} +
