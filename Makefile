# `make demo` and `make test` create .venv and install what they need; nothing has to be there but Python 3.10 to 3.12.
PYTHON ?= python3
BIN := .venv/bin
extras_demo := demo
extras_dev := demo,dev
# The hub is not needed for the demo or the tests; without this, libraries ask it for news of local models.
export HF_HUB_OFFLINE ?= 1

# How much slower, as a median of ratios, fails `make bench`; on a machine of another kind, save a baseline of its own first.
FAIL ?= median:50%
BUNDLE ?= android_assets/demo
BASELINE ?= bench/suite/baseline.json

.PHONY: demo test emulator test-real bench lint schemas format clean

demo: .venv/demo.stamp  ## build and verify the demo bundle, and ask it a question
	$(BIN)/pocketrag build recipes/demo.toml
	$(BIN)/pocketrag search android_assets/demo "My phone rang in my bag. Have I lost?" -k 2

test: lint emulator  ## lint, type-check, and the whole test suite (builds the demo on the way)
	$(BIN)/python -m pytest -n 2 --dist loadgroup

emulator: .venv/dev.stamp  ## an arm64 root for `verify --emulator`, once; without one the tests of it skip
	-$(BIN)/python -m pocketrag.bench.emulator.setup

test-real: .venv/dev.stamp  ## slow checks on the real EmbeddingGemma: make test-real EMBEDDINGGEMMA=DIR
	POCKETRAG_EMBEDDINGGEMMA="$(EMBEDDINGGEMMA)" $(BIN)/python -m pytest tests -m real -rs -s

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

schemas: .venv/dev.stamp  ## docs/schema anew, from the models of pocketrag/formats/facts
	$(BIN)/python -m pocketrag.formats.schemas

format: .venv/dev.stamp
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf .venv work android_assets/demo android_assets/demo.report.json

.venv/%.stamp: pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[$(extras_$*)]'
	touch $@
