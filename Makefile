# The front door. Each verb makes what it needs; `make` alone lists them.
#
#     make test PYTHON=/path/to/python3.13 VENV=build/venv-3.13      another interpreter
PYTHON  ?= python3
VENV    ?= .venv
SECONDS ?= 60

PY      := $(VENV)/bin/python
IN_VENV := PATH="$(abspath $(VENV))/bin:$$PATH"
SOURCES := $(shell find core ext agent sampler python meson.build meson.options pyproject.toml \
    -type f ! -name '*.pyc')

SANITIZED := -Dhard=true -Db_sanitize=address,undefined
FUZZED    := $(SANITIZED) -Dfuzz=true -Dtests=false -Db_lundef=false

# A finding ends the program, whoever started it; and the tests of the sampler that do not mind
# how slow it then is.
STRICT    := ASAN_OPTIONS=abort_on_error=1 UBSAN_OPTIONS=halt_on_error=1:abort_on_error=1
PATIENT   := $(patsubst %,tests/acceptance/test_%.py,attach children faults names series)

TESTS     := tests

# Inside an interpreter that knows nothing of them, and takes each object of malloc where reading
# beyond one is to be found; test_untouched looks at LD_PRELOAD itself, and
# accuracy is not to be had.
PRELOADED := LD_PRELOAD="$$(gcc -print-file-name=libasan.so) $$(gcc -print-file-name=libubsan.so)" \
    ASAN_OPTIONS=abort_on_error=1:detect_leaks=0:verify_asan_link_order=0
TRACED    := $(filter-out \
    $(patsubst %,tests/trace/test_%.py,untouched cost check kernprof line_profiler%), \
    $(wildcard tests/trace/test_*.py))

.PHONY: help build viewer demo test test-viewer pytest bench asan asan-trace fuzz soak lint \
    format clean

help:  ## this list
	@sed -n 's/^\([a-z-]*\):.*## /    make \1 \t/p' Makefile | expand -t 24

$(VENV)/.ready: requirements-dev.txt
	@tools/check_system $(PYTHON)
	$(PYTHON) -m venv $(VENV)
	$(PY) -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

# A plain install from a build folder that is kept: what users get, in seconds when repeated.
$(VENV)/.installed: $(VENV)/.ready $(SOURCES)
	$(IN_VENV) pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps \
	    --force-reinstall -Cbuild-dir=$(VENV)/build \
	    $(addprefix -Csetup-args=,$(or $(SETUP),-Dwerror=true)) .
	@touch $@

# $(call compile,FOLDER,OPTIONS,ENVIRONMENT): the tree without Python, in build/FOLDER.
define compile
@test -f build/$(1)/build.ninja || \
    $(IN_VENV) $(3) meson setup build/$(1) -Dpython=false -Dwerror=true $(2)
@$(IN_VENV) ninja -C build/$(1) --quiet
endef

build: $(VENV)/.installed  ## install Tare into .venv

# The page's bundle is kept in git, so that installing Tare needs no Node.
viewer/node_modules/.ready: viewer/package-lock.json
	@command -v npm >/dev/null || { echo "npm is not there: apt-get install nodejs npm"; exit 1; }
	cd viewer && npm ci --silent
	@touch $@

viewer: viewer/node_modules/.ready  ## bundle the page that shows profiles; needs Node
	cd viewer && npx tsc && node build.mjs

test-viewer: build viewer/node_modules/.ready  ## the page in Chromium; needs Node and chromium
	cd viewer && npx prettier --check --log-level warn src test *.mjs && npx tsc && \
	    node build.mjs --check
	$(PY) -m pip install --quiet --disable-pip-version-check -r requirements-browser.txt
	$(call compile,c)
	PYTEST_ADDOPTS="-n 3" $(PY) tools/run_tests.py --node viewer/test --pytest tests/viewer

demo: build  ## measure a real program, print the verdict, write build/demo/demo.html
	@rm -rf build/demo && mkdir -p build/demo
	$(PY) -m tare run -o build/demo/demo.tare examples/demo.py
	$(PY) -m tare view build/demo/demo.tare -o build/demo/demo.html

test: build  ## all tests, C and Python
	$(call compile,c)
	$(PY) tools/run_tests.py --c build/c --pytest tests

pytest: build  ## the Python tests alone; TESTS='tests/trace' only these
	$(call compile,c)
	$(PY) tools/run_tests.py --pytest $(TESTS)

bench: build  ## beside its peers, as ratios; BENCH='--effort 0.2' is quicker
	$(PY) bench/run.py $(BENCH)

asan: $(VENV)/.ready  ## C tests, fuzz corpora and the sampler under the address and UB sanitizers
	$(call compile,asan,$(SANITIZED))
	TARE_SAMPLE=$(abspath build/asan/sampler/tare-sample) $(STRICT) \
	    $(PY) tools/run_tests.py --c build/asan --beside $(PATIENT)

asan-trace:  ## the modules that measure their own interpreter, in it, under the same
	@$(MAKE) --no-print-directory build VENV=build/venv-asan SETUP="-Dwerror=false \
	    -Dbuildtype=debugoptimized -Db_sanitize=address,undefined -Db_lundef=false"
	$(PRELOADED) UBSAN_OPTIONS=halt_on_error=1:abort_on_error=1 \
	    build/venv-asan/bin/python tools/run_tests.py --beside $(TRACED)
	$(PRELOADED) UBSAN_OPTIONS=halt_on_error=1:abort_on_error=1 PYTHONMALLOC=malloc \
	    build/venv-asan/bin/python tools/run_tests.py --pytest tests/heap tests/memory \
	    $(filter-out %carrying.py,$(wildcard tests/same/test_*.py))

fuzz: $(VENV)/.ready  ## each fuzz target for SECONDS=60
	$(call compile,fuzz,$(FUZZED),CC=clang)
	tools/run_fuzz build/fuzz/fuzz $(SECONDS)

soak: build  ## the long tests that `make test` leaves out
	TARE_SOAK=1 $(PY) -m pytest -q -m soak tests

lint: $(VENV)/.ready  ## layout, syntax and house rules
	tools/lint $(VENV)

format: $(VENV)/.ready  ## lay out C as .clang-format says
	tools/lint $(VENV) --fix

clean:  ## remove everything that make made
	rm -rf build $(VENV)
