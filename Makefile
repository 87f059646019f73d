# Every target installs what it needs through the ordinary package registries, and what it made once it does not make again.

MAKEFLAGS += --no-builtin-rules
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help demo build test test-rust test-js test-browser widget-size bench bench-large fuzz models builtin-model fmt lint deny clean

STARTED := $(shell date +%s)
ELAPSED = $$(( $$(date +%s) - $(STARTED) )) s
NEED := @sh scripts/need.sh
CHROMIUM_FOUND = $$(command -v chromium || command -v chromium-browser || command -v google-chrome)
SAY := @printf '==> %s\n'

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: build ## Serve the demo shops from ./palompy-demo and print the address
	$(SAY) 'Starting the demo shops; Ctrl+C stops them'
	@exec ./target/release/palompy demo --data-dir ./palompy-demo

build: ## Build the program: target/release/palompy
	$(NEED) rust cc
	$(SAY) 'Building the program'
	@cargo build --release --locked

test: lint test-rust test-js test-browser ## Check and test everything
	@printf 'All checks and tests passed in %s.\n' "$(ELAPSED)"

test-rust: models ## Run the Rust tests
	$(NEED) rust cc
	$(SAY) 'Running the Rust tests'
	@if cargo nextest --version >/dev/null 2>&1; then \
		cargo nextest run --locked && cargo test --locked --doc; \
	else \
		cargo test --locked; \
	fi

test-js: ## Run the tests of the widget's modules
	$(NEED) node
	$(SAY) 'Running the JavaScript tests'
	@node --test tests/js/*.test.mjs

test-browser: tests/e2e/node_modules/.package-lock.json ## Run the journeys in a real browser
	$(NEED) rust cc node chromium
	$(SAY) 'Running the browser tests'
	@cargo build --locked
	@CHROMIUM="$${CHROMIUM:-$(CHROMIUM_FOUND)}" node --test tests/e2e/*.test.mjs

widget-size: ## Print what the widget weighs on the wire; a test holds its budget
	$(NEED) rust cc
	@cargo test --locked --test it the_widget_weighs_no_more_than_its_budget -- --nocapture \
		| grep -E 'bytes on the wire|/widget|in all'

bench: models .build/venv-pgvector/installed ## Measure what ARCHITECTURE.md promises
	$(NEED) rust cc
	$(SAY) 'Measuring; this takes some minutes'
	@cargo bench --locked
	$(SAY) 'Comparing with pgvector'
	@.build/venv-pgvector/bin/python benches/pgvector.py

fuzz: ## Read thousands of damaged copies of the files in tests/fixtures/knowledge
	$(NEED) rust cc
	@PALOMPY_FUZZ_ROUNDS=$${PALOMPY_FUZZ_ROUNDS:-1000} cargo test --locked --test it a_damaged_file_is_read_or_refused -- --nocapture

bench-large: ## Measure a shop of a million products and 1,000 shops; takes about an hour and 10 GB of disk
	$(NEED) rust cc
	@PALOMPY_BENCH_PRODUCTS=1000000 PALOMPY_BENCH_LEAST=1000000 cargo bench --locked --bench search
	@PALOMPY_BENCH_SHOPS=1000 cargo bench --locked --bench shops

models: .build/models.stamp ## Prepare the ONNX models that tests and benchmarks use

builtin-model: .build/venv-builtin/installed ## Build models/builtin.bin anew
	$(SAY) 'Building models/builtin.bin'
	@.build/venv-builtin/bin/python models/build_builtin.py

fmt: ## Format the Rust code
	$(NEED) rust rust-checks
	@cargo fmt

lint: ## Check format, lints and documentation
	$(NEED) rust rust-checks cc
	$(SAY) 'Checking format, lints and documentation'
	@cargo fmt --check
	@cargo clippy --locked --all-targets -- -D warnings
	@RUSTDOCFLAGS='-D warnings' cargo doc --locked --no-deps

deny: ## Check licences, banned crates and sources; installs cargo-deny
	$(NEED) rust cc
	@cargo deny --version >/dev/null 2>&1 || { \
		echo '==> Installing cargo-deny; this takes some minutes'; cargo install --locked cargo-deny; \
	}
	@cargo deny --locked check bans licenses sources

clean: ## Remove everything that was built; ./palompy-demo stays
	@rm -rf target .build tests/e2e/node_modules

.build/models.stamp: .build/venv/installed $(wildcard models/*.py)
	$(SAY) 'Preparing the ONNX models in .build'
	@.build/venv/bin/python models/prepare_onnx.py --out .build
	@touch $@

.build/venv/installed: models/requirements-onnx.txt
.build/venv-builtin/installed: models/requirements-builtin.txt
.build/venv-pgvector/installed: benches/requirements-pgvector.txt

.build/venv/installed .build/venv-builtin/installed .build/venv-pgvector/installed:
	$(NEED) python
	$(SAY) 'Installing the Python packages of $<'
	@python3 -m venv --clear $(@D)
	@$(@D)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps -r $<
	@touch $@

tests/e2e/node_modules/.package-lock.json: tests/e2e/package-lock.json
	$(NEED) node
	$(SAY) 'Installing the npm packages of the browser tests'
	@cd tests/e2e && npm ci --no-audit --no-fund
	@touch $@
