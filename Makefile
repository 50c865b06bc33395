# Ambit. `make run` to try it, `make test` to check it. README.md tells the rest.

SHELL := /bin/bash
CACHE := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/ambit
# One target folder for all checkouts: the engines take most of an hour to compile and are the same everywhere.
export CARGO_TARGET_DIR ?= $(CACHE)/target
export AMBIT_TEST_MODEL ?= $(CACHE)/models/all-MiniLM-L6-v2
export AMBIT_TEST_CLIENTS ?= $(CACHE)/clients
PREFIX ?= $(HOME)/.local
FOLDER ?= $(CURDIR)
QUESTION ?= $(if $(filter $(CURDIR),$(FOLDER)),What keeps Ambit from sending anything out of the machine?)
BINARIES := ambit

.PHONY: run test test-page build install uninstall set-up model lint

run: build model
	@scripts/run dist/bin/ambit "$(FOLDER)" "$(AMBIT_TEST_MODEL)" "$(QUESTION)"

build: set-up
	cargo build --workspace --bins
	@mkdir -p dist/bin
	@for binary in $(BINARIES); do cp -u --remove-destination "$(CARGO_TARGET_DIR)/debug/$$binary" dist/bin/; done

install: build
	@mkdir -p "$(PREFIX)/bin"
	@for binary in $(BINARIES); do install -m 755 -s "dist/bin/$$binary" "$(PREFIX)/bin/"; done
	@echo "Installed to $(PREFIX)/bin. $$(case ":$$PATH:" in *":$(PREFIX)/bin:"*) ;; *) echo 'Add that folder to your PATH.';; esac)"

uninstall:
	@for binary in $(BINARIES); do rm -f "$(PREFIX)/bin/$$binary"; done
	@echo "Removed from $(PREFIX)/bin. What Ambit keeps for you stays in its data directory."

set-up:
	@scripts/set-up

model: set-up
	@scripts/fetch-model "$(AMBIT_TEST_MODEL)"

lint:
	@scripts/lint

# The compiler of `scripts/lint`, so that the tests run what it has compiled; another one would begin anew.
test: export RUSTC_WORKSPACE_WRAPPER := clippy-driver
test: export CLIPPY_ARGS := -Dwarnings__CLIPPY_HACKERY__
test: model
	@scripts/set-up tests
	@scripts/fetch-clients "$(AMBIT_TEST_CLIENTS)"
	@scripts/lint
	@cargo test --quiet --workspace --doc
	@if cargo nextest --version >/dev/null 2>&1; then \
	  cargo nextest run --workspace $(if $(CI),--profile ci); \
	else \
	  cargo test --workspace --tests; \
	fi

# The page in `ui/`, alone and then in a browser in front of a real host. It needs Node 20.19 or later.
test-page: build model
	@scripts/set-up page
	@cd ui && npm ci --silent && npm run --silent check && npm test --silent && npm run --silent build
	@cd ui && AMBIT_BINARY="$(CURDIR)/dist/bin/ambit" npm run --silent test:e2e
