# `make demo` and `make test` create .venv and install what they need; nothing has to be there but Python 3.11 or 3.12.
# The first that will do; name another by PYTHON=...
FITS := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 12))
PYTHON ?= $(shell for p in python3 python3.12 python3.11 python; do $$p -c '$(FITS)' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
# Whoever has the one has the other.
SIZE_demo := 2.6 GB
SIZE_dev := 3.6 GB
also_dev := .venv/demo.stamp
PIP = $(BIN)/python -m pip install --quiet --disable-pip-version-check
# The hub is not needed for the demo or the tests; without this, libraries ask it for news of local models.
export HF_HUB_OFFLINE ?= 1

# How much slower, as a median of ratios, fails `make bench`; on a machine of another kind, save a baseline of its own first.
FAIL ?= median:50%
BUNDLE ?= android_assets/demo
BASELINE ?= bench/suite/baseline.json

# Groups of tests in the order of tests/costs.json, and not by how many tests they hold.
SUITE := -n 2 --dist loadgroup --no-loadscope-reorder

.PHONY: venv demo test test-all test-fast emulator test-real bench lint schemas runtime format docs screens pictures walks lock clean

demo: .venv/demo.stamp  ## build and verify the demo bundle, and ask it a question
	$(BIN)/pocketrag build recipes/demo.toml
	$(BIN)/pocketrag search android_assets/demo "What happens after my second illegal move?" -k 2

test: lint docs  ## lint, type-check, the documentation, and the tests but those marked `long` (builds the demo on the way)
	$(BIN)/python -m pytest $(SUITE) -m "not long and not real"

test-all: lint docs emulator  ## the same with every test, an hour on two cores: before a release, and every night
	$(BIN)/python -m pytest $(SUITE)

test-fast: .venv/dev.stamp  ## for the working day: the tests that take no seconds, without lint
	$(BIN)/python -m pytest $(SUITE) -m "not slow and not real"

emulator: .venv/dev.stamp  ## an arm64 root for `verify --emulator`, once; without one the tests of it skip
	-$(BIN)/python -m pocketrag.bench.emulator.setup

test-real: .venv/dev.stamp  ## slow checks on the real EmbeddingGemma: make test-real EMBEDDINGGEMMA=DIR; or of any embedder's folder: DIR=FOLDER
	POCKETRAG_EMBEDDINGGEMMA="$(EMBEDDINGGEMMA)" POCKETRAG_EMBEDDER="$(abspath $(DIR))" \
	  $(BIN)/python -m pytest $(if $(DIR),tests/real/test_any_embedder.py,tests) -m real -rs -s

bench: .venv/dev.stamp  ## speed against a stored baseline, as ratios to reference work of the same run: make bench BUNDLE=DIR FAIL=median:30%
	test -d $(BUNDLE) || $(MAKE) demo
	mkdir -p work
	POCKETRAG_BUNDLE=$(BUNDLE) OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest bench/suite -p no:xdist -m '' \
	  --benchmark-columns=median,iqr,min,rounds --benchmark-sort=name --benchmark-json=work/bench.json \
	  --benchmark-compare=$(BASELINE) --benchmark-compare-fail=$(FAIL)

lint: .venv/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/python tools/typecheck.py

schemas: .venv/dev.stamp  ## docs/schema and docs/recipe.md anew, from the models of facts and of the recipe
	$(BIN)/python -m pocketrag.formats.schemas
	$(BIN)/python -m pocketrag.recipe.keys.reference

runtime: .venv/dev.stamp  ## gradle-bundle/*/*.aar anew, from the Kotlin beside them
	$(BIN)/python -m tests.gradle_bundle.runtime_jar

format: .venv/dev.stamp
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: .venv/dev.stamp  ## the documentation site in build/site; a dead link or a docstring that can't be read fails
	$(BIN)/python tools/docs_site.py
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet --strict

screens: .venv/dev.stamp  ## the pictures of the sample in android_assets/README.md; needs chromium and fonts-roboto-unhinted
	test -d android_assets/demo || $(MAKE) demo
	$(BIN)/python -m tests.gradle_bundle.screens.render

pictures: .venv/dev.stamp  ## the pictures of README.md and docs/report.md; needs graphviz and chromium
	$(BIN)/python -m tools.pictures

walks: .venv/dev.stamp  ## the first hour of three users in a fresh venv, kept in build/walks; pip fetches 2.6 GB
	$(BIN)/python -m pytest -q tests/test_walks.py

clean:
	rm -rf .venv work build android_assets/demo android_assets/demo.report.json

# A .venv of another Python is made anew: what is installed in it is of no use.
venv:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or 3.12 is needed, and none is on the PATH: install one, or name it by make demo PYTHON=..." >&2; exit 2; }
	@$(PYTHON) -c '$(FITS)' || { echo "$(PYTHON) is $$($(PYTHON) --version 2>&1); Python 3.11 or 3.12 is needed." >&2; exit 2; }
	@$(BIN)/python -c '$(FITS)' 2>/dev/null || { rm -rf .venv && $(PYTHON) -m venv .venv; }

# The locked packages by their hashes, then torch, of which every index has another build (CPU, CUDA), then this project. What builds
# a package is locked too, hence no isolation. `pip check` finds what a stale lock lacks.
.venv/%.stamp: pyproject.toml requirements/build.lock requirements/%.lock
	@$(MAKE) --no-print-directory venv
	@echo "Installing what $* needs into .venv: about $(SIZE_$*), some minutes. Where pip would bring torch with CUDA (several GB more),"
	@echo "set PIP_EXTRA_INDEX_URL to torch's index of CPU builds, which its installation page names."
	$(PIP) --require-hashes --no-deps --requirement requirements/build.lock
	$(PIP) --require-hashes --no-deps --no-build-isolation --requirement requirements/$*.lock
	$(PIP) "$$(sed -n 's/^ *"\(torch==.*\)",$$/\1/p' pyproject.toml)"
	$(PIP) --no-deps --no-build-isolation --editable .
	$(BIN)/python -m pip check
	touch $@ $(also_$*)

# Versions stay as they are where pyproject.toml allows it; UPGRADE=--upgrade takes the newest, UPGRADE='--upgrade-package NAME' one.
UPGRADE ?=
COMPILE = $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-package torch --custom-compile-command 'make lock'

lock:  ## renew requirements/*.lock from pyproject.toml
	test -x $(BIN)/uv || { $(MAKE) venv; $(PIP) uv; }
	sed -n 's/^requires = \["\(.*\)"\]$$/\1/p' pyproject.toml | $(COMPILE) $(UPGRADE) --python-version 3.10 --output-file requirements/build.lock -
	$(COMPILE) $(UPGRADE) --python-version 3.11 --extra demo --extra dev --extra docs --output-file requirements/dev.lock pyproject.toml
	cp requirements/dev.lock requirements/demo.lock    # what lies in the output file is what uv prefers: one version in both
	$(COMPILE) --python-version 3.11 --extra demo --output-file requirements/demo.lock pyproject.toml
	cp requirements/dev.lock requirements/runtime.lock
	$(COMPILE) --python-version 3.10 --output-file requirements/runtime.lock pyproject.toml
