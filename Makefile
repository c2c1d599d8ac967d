# Every target makes what it needs: .venv, npm assets, for the browser tests Chromium. Stamps are in .make/.
#
#   TORCH_INDEX  package index to take torch from (README.md, "Choosing a CPU or CUDA build")
#   PYTHON       interpreter that makes .venv
#   ARGS         further arguments to pytest or `undertone demo`
#   WORKERS      processes that share the tests (2; 0 for one that shows its output)
#   UNDERTONE_CORPORA  folder of labelled public corpora; with it the tests marked `corpora` run too

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules --no-print-directory

BIN := .venv/bin
WORKERS ?= 3
# One thread each: processes that each use every core hinder one another. One more than cores, as tests often wait.
SHARED := -n $(WORKERS) --dist loadfile --no-loadscope-reorder
# What each test came to, for `undertone privacy-report`; a run of only some of the tests tells nothing of the others.
RESULTS = $(if $(strip $(ARGS)),,--junitxml=.make/$@.xml)
UNMARKED := not campaign and not gpu
ifeq ($(UNDERTONE_CORPORA),)
UNMARKED := $(UNMARKED) and not corpora
endif
export TORCH_INDEX PYTHON

.PHONY: demo test test-long check campaign format screenshots papers wheel clean FORCE

demo: .make/run .make/assets
	exec $(BIN)/undertone demo $(ARGS)

# Two parts, which together are every test but campaigns and what needs a GPU.
test: PART := not long
test-long: PART := long
test test-long: .make/dev .make/assets
	scripts/chromium.sh
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest $(SHARED) $(RESULTS) --ignore=tests/benchmarks -m "$(PART) and $(UNMARKED)" $(ARGS)

check: .make/dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

campaign: .make/dev .make/assets
	scripts/chromium.sh
	$(BIN)/python -m pytest -m "campaign" --ignore=tests/benchmarks $(ARGS) || [ $$? -eq 5 ]
	if [ -d tests/benchmarks ]; then $(BIN)/python -m pytest tests/benchmarks $(ARGS); fi

format: .make/dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

screenshots: .make/dev .make/assets
	scripts/chromium.sh
	scripts/pictures.sh
	$(BIN)/python scripts/screenshots.py $(ARGS)

wheel: .make/dev .make/assets
	$(BIN)/undertone privacy-report --write lti_tool/proofs/proofs.json > /dev/null || [ $$? -eq 1 ]
	$(BIN)/python -m build --no-isolation --wheel --outdir dist

# The papers of a fresh installation; a test fails while they are out of date.
papers: .make/run
	$(BIN)/undertone docs --defaults --out docs/privacy

clean:
	rm -rf .make .venv node_modules static/vendor build dist

# What demo runs with, then what tests and checks add.
.make/run: pyproject.toml constraints.txt scripts/install.sh
	scripts/install.sh .venv -e .
	mkdir -p .make && touch $@

.make/dev: .make/run
	scripts/install.sh .venv -e '.[dev]'
	touch $@

.make/assets: package.json package-lock.json .npmrc scripts/assets.sh
	scripts/assets.sh
	mkdir -p .make && touch $@

# A stamp whose result somebody removed counts for nothing.
ifeq ($(wildcard $(BIN)/undertone),)
.make/run: FORCE
endif
ifeq ($(wildcard static/vendor),)
.make/assets: FORCE
endif
FORCE:
