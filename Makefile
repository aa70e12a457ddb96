# Two commands matter: `make run` serves the product, `make test` passes all tests. Both set everything up
# themselves, may be repeated, and need no hand.

VENV   := .venv
PYTHON := $(VENV)/bin/python
PIP    := $(PYTHON) -m pip --disable-pip-version-check --quiet
PAPERS := build/fixtures

# An environment knows the place it was made for: a moved or copied checkout has no stamp and is set up again.
HERE       := $(shell pwd -P | cksum | cut -d ' ' -f 1)
RUN_READY  := $(VENV)/.run-$(HERE)
TEST_READY := $(VENV)/.test-$(HERE)

# Test processes: one a core, at most four, since each holds a reader with its models (1 GB).
JOBS       := $(shell n=$$(nproc); echo $$((n > 4 ? 4 : n)))

export OMP_THREAD_LIMIT := 1

.PHONY: screenshots mutants run test check bench bench-qr bench-register bench-desk bench-likeness accuracy accuracy-diagnosis lock clean papers setup-run setup-test ready-run ready-test

run: setup-run
	@$(PYTHON) -m fixtures.make --out $(PAPERS) --quiet || echo "The desk starts without the demo papers."
	@test ! -f $(PAPERS)/truth.json || $(VENV)/bin/intake demo --if-empty $(PAPERS)
	@$(VENV)/bin/intake serve

test: setup-test check
	@$(PYTHON) -m pytest --numprocesses $(JOBS) --dist worksteal --cov --cov-report=
	@$(PYTHON) -m coverage report --skip-covered --show-missing --include='$(RULES)' --fail-under=100

# The rule modules: pure, and covered to the last branch.
RULES := ocr/rules/*,ocr/normalise.py,intake/fuse.py,intake/enriching.py,intake/carriers.py,intake/calibration.py,intake/accuracy.py,intake/accuracy_tables.py,intake/accuracy_page.py,intake/proof.py,intake/trust.py,intake/parties.py,intake/payloads.py,intake/checks.py,intake/checks_of_lines.py,intake/checks_of_forms.py,intake/match.py,intake/comparing.py,intake/slips.py,intake/confirm.py,intake/diagnosis/*,intake/titles.py,intake/naming.py,intake/succession.py,intake/review.py,intake/risk.py,intake/urgency.py,intake/standing.py,intake/sampling.py,intake/sources/breaker.py,intake/repairs.py,intake/repairs_of_sums.py,intake/official/sites.py,intake/official/questions.py,intake/official/agreement.py,intake/official/schedule.py,intake/official/vocabularies.py,intake/official/masking.py,intake/official/walk.py

check: setup-test
	@$(PYTHON) -m ruff check --quiet .
	@$(PYTHON) -m ruff format --quiet --check .
	@$(PYTHON) -m mypy --no-error-summary ocr intake web fixtures tests hatch_build.py

# What it costs, side by side with what one would use instead; the figures also land in build/bench/*.json.
bench: setup-test papers
	@$(PYTHON) -m tests.bench.reading
	@$(PYTHON) -m tests.bench.register --rows 100000
	@$(PYTHON) -m tests.bench.imports

# Whether the promises are kept, by invented documents of a judging seed: `make accuracy DOCS=200` for a shorter look. A run
# that was cut off goes on where it ended; the page with the reliability curve is build/accuracy/accuracy.html.
DOCS ?= 3000
accuracy: setup-test
	@$(VENV)/bin/intake accuracy --judge $(DOCS) --workers 2 --floors

# Whether every cause is told as the evidence decides it and no row is taken wrongly, by labelled cases of a judging seed: the tables
# of confusions, also in build/accuracy/diagnosis.json.
CASES ?= 2000
accuracy-diagnosis: setup-test
	@$(PYTHON) -m tests.bench.diagnosis --cases $(CASES)

# How often pictures of different papers look alike, and altered ones do not; PAPERS_ALIKE=240 takes some minutes.
PAPERS_ALIKE ?= 240
bench-likeness: setup-test
	@$(PYTHON) -m tests.bench.likeness --papers $(PAPERS_ALIKE)

# Mutation testing of the rules that decide: survivors are listed, and explained in docs/adr/0011-diagnosis.md. One module:
# `make mutants MUTANTS='intake.match*'`.
MUTANTS ?=
mutants: setup-test
	@scripts/mutants.sh $(PYTHON) $(MUTANTS)

# How many codes are read, beside other decoders on the same pages; N=10000 takes about half an hour on two cores.
N ?= 1000
bench-qr: setup-test
	@OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 $(PYTHON) -m tests.bench.qr --pages $(N)

# The register at size in both databases, made below the temporary folder and removed: 10 million rows take some 15 GB of
# disk and a quarter of an hour.
ROWS ?= 1000000
bench-register: setup-test
	@$(PYTHON) -m tests.bench.register --rows $(ROWS)

# Every page in both languages and three sizes, and the manual with its steps, as a browser sees them: docs/manual.
screenshots: setup-test papers
	@$(PYTHON) -m tests.browser.screenshots

# The desk at size in both databases, made below build/bench/ and removed: a million documents take some 15 GB of disk.
DOCUMENTS ?= 1000000
bench-desk: setup-test
	@$(PYTHON) -m tests.bench.desk --rows $(DOCUMENTS)

papers: setup-run
	@$(PYTHON) -m fixtures.make --out $(PAPERS) --quiet

# Two that start at once set up one after the other. What Debian lacks is looked for, and named, each time.
setup-run setup-test: setup-%:
	@mkdir -p build
	@flock build/setup.lock scripts/debian.sh $*
	@flock build/setup.lock $(MAKE) --no-print-directory ready-$*

ready-run: $(RUN_READY) ; @:
ready-test: $(TEST_READY) ; @:

# A stamp is set last: what was interrupted is done again, and so is what a changed lock asks for.
$(RUN_READY): requirements/run.txt pyproject.toml hatch_build.py web/package-lock.json web/assets.json
	@scripts/environment.sh $(VENV)
	@$(PIP) install --no-deps --require-hashes -r requirements/run.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(TEST_READY): requirements/dev.txt $(RUN_READY)
	@$(PIP) install --no-deps --require-hashes -r requirements/dev.txt
	@touch $@

# The locks, made anew from pyproject.toml with uv; no registry address is written into them.
lock:
	uv pip compile --quiet --no-header --python-version 3.11 --universal --generate-hashes --no-emit-index-url \
		--extra build --extra demo pyproject.toml -o requirements/run.txt
	uv pip compile --quiet --no-header --python-version 3.11 --universal --generate-hashes --no-emit-index-url \
		--extra build --extra demo --extra dev pyproject.toml -o requirements/dev.txt

clean:
	rm -rf $(VENV) build dist web/static/vendor
