PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
DATA ?=
KEEP ?= $(if $(MAKE_TERMOUT),1,0)
NAME ?=

.PHONY: setup demo console example test test-engines check fix bench screenshots clean

setup:            ## make .venv and install what Maquette needs
	@$(PYTHON) scripts/setup.py

demo: setup       ## the main job in front of your eyes; DATA=dir for images of your own, KEEP=0 or 1
	@$(BIN)/maquette demo $(if $(filter 1,$(KEEP)),--keep) $(if $(DATA),--data "$(DATA)")

console: setup    ## the console from its sources, as one writes them; `maquette up` runs beside it
	@cd packages/console && npm run dev

example: setup    ## the commands of an example's README; NAME=its folder below examples
	@$(BIN)/python scripts/example.py "$(NAME)"

test: setup       ## every test, with one engine of each kind
	@$(PYTHON) scripts/setup.py tests
	@$(BIN)/pytest -m "not every_engine" -n $(JOBS) --dist worksteal

test-engines: setup  ## every test, with every engine
	@$(PYTHON) scripts/setup.py tests
	@$(BIN)/pytest -n $(JOBS) --dist worksteal

check: setup      ## style, types, import rules
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy packages/platform/src packages/sdk/src
	@$(BIN)/lint-imports

fix: setup        ## mend what ruff can mend
	@$(BIN)/ruff check --fix --quiet .
	@$(BIN)/ruff format --quiet .

bench: setup      ## every claim measured; tables here, JSON in bench/results
	@for file in $(filter-out bench/results.py,$(wildcard bench/*.py)); do $(BIN)/python $$file || exit 1; done

screenshots: setup  ## a picture of every page of the console, after a small real walk; those of docs/pictures too
	@$(BIN)/python packages/console/screenshots.py

clean:            ## remove the environment and what tests made
	rm -rf .venv .maquette-test output packages/console/node_modules packages/platform/src/maquette/console

JOBS ?= 2
