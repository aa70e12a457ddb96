# Two commands matter: `make run` serves the product, `make test` passes all tests. Both set everything up
# themselves, may be repeated, and need no hand.

VENV   := .venv
PYTHON := $(VENV)/bin/python
PIP    := $(VENV)/bin/pip --disable-pip-version-check --quiet
PAPERS := build/fixtures

export OMP_THREAD_LIMIT := 1

.PHONY: run test check bench accuracy lock clean setup-run setup-test papers browser-shots

run: setup-run papers
	@$(VENV)/bin/intake db upgrade
	@$(VENV)/bin/intake demo --if-empty $(PAPERS)
	@$(VENV)/bin/intake serve

test: setup-test check
	@$(PYTHON) -m pytest --cov --cov-report=
	@$(PYTHON) -m coverage report --skip-covered --show-missing --include='$(RULES)' --fail-under=100

# The rule modules: pure, and covered to the last branch.
RULES := ocr/rules/*,ocr/normalise.py,intake/fuse.py,intake/proof.py,intake/trust.py,intake/parties.py,intake/payloads.py,intake/checks.py,intake/checks_of_lines.py,intake/match.py,intake/confirm.py,intake/diagnose.py,intake/reach.py,intake/titles.py,intake/review.py

check: setup-test
	@$(VENV)/bin/ruff check --quiet .
	@$(VENV)/bin/ruff format --quiet --check .
	@$(VENV)/bin/mypy --no-error-summary ocr intake web fixtures tests hatch_build.py

# What it costs, side by side with what one would use instead; the figures also land in build/bench/*.json.
bench: setup-test papers
	@$(PYTHON) -m tests.bench.reading
	@$(PYTHON) -m tests.bench.register --rows 100000

papers: setup-run
	@$(PYTHON) -m fixtures.make --out $(PAPERS) --quiet

setup-run: $(VENV)/.run
setup-test: $(VENV)/.test

# A stamp names the lock it was made from; a missing stamp or a changed lock sets up again.
$(VENV)/.run: requirements/run.txt pyproject.toml hatch_build.py web/package-lock.json web/assets.json scripts/debian.sh
	@scripts/debian.sh run
	@test -x $(PYTHON) || python3 -m venv $(VENV)
	@test -f $(VENV)/.test || $(PIP) install --no-deps --require-hashes -r requirements/run.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@mkdir -p build && touch $@

$(VENV)/.test: requirements/dev.txt $(VENV)/.run
	@scripts/debian.sh test
	@$(PIP) install --no-deps --require-hashes -r requirements/dev.txt
	@mkdir -p build && touch $@ $(VENV)/.run && touch $@

# The locks, made anew from pyproject.toml with uv; no registry address is written into them.
lock:
	uv pip compile --quiet --no-header --python-version 3.11 --universal --generate-hashes --no-emit-index-url \
		--extra build --extra demo pyproject.toml -o requirements/run.txt
	uv pip compile --quiet --no-header --python-version 3.11 --universal --generate-hashes --no-emit-index-url \
		--extra build --extra demo --extra dev pyproject.toml -o requirements/dev.txt

clean:
	rm -rf $(VENV) build dist web/static/vendor
