# Ambit. `make run` to try it, `make test` to check it. README.md tells the rest.

SHELL := /bin/bash
CACHE := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/ambit
# One target folder for all checkouts: the engines take most of an hour to compile and are the same everywhere.
export CARGO_TARGET_DIR ?= $(CACHE)/target
export AMBIT_TEST_MODEL ?= $(CACHE)/models/all-MiniLM-L6-v2
export AMBIT_TEST_CLIENTS ?= $(CACHE)/clients
export AMBIT_CODE_SERVER ?= $(CACHE)/code-server
export AMBIT_TEST_EDITORS ?= $(CACHE)/editors
PREFIX ?= $(HOME)/.local
FOLDER ?= $(CURDIR)
QUESTION ?= $(if $(filter $(CURDIR),$(FOLDER)),What keeps Ambit from sending anything out of the machine?)
# The desktop app needs GTK and WebKit: `DESKTOP=no` leaves it out.
export DESKTOP

WITH_NODE := scripts/with-node "$(CACHE)/node"

.PHONY: run test test-page test-extension test-editors test-browser-extension build editors browser-extension install uninstall set-up model page lint

run: build model
	@scripts/run dist/bin "$(FOLDER)" "$(AMBIT_TEST_MODEL)" "$(QUESTION)"

build: page
	cargo build --workspace --bins
	cargo build --manifest-path lsp-server/Cargo.toml
	@mkdir -p dist/bin
	@cp -u --remove-destination $(addprefix "$(CARGO_TARGET_DIR)/debug/",ambit ambit-lsp ambit-native-host) dist/bin/
	@if scripts/has-desktop; then \
	  cargo build --manifest-path src-tauri/Cargo.toml && \
	  cp -u --remove-destination "$(CARGO_TARGET_DIR)/debug/ambit-desktop" dist/bin/; \
	else \
	  rm -f dist/bin/ambit-desktop; \
	fi

# What editors install of themselves: the extension for VS Code.
editors: page
	@$(WITH_NODE) scripts/build-extension

# The extension for browsers, packed for both stores.
browser-extension: set-up
	@$(WITH_NODE) scripts/build-browser-extension

install: build
	@mkdir -p "$(PREFIX)/bin"
	@for binary in dist/bin/*; do install -m 755 -s "$$binary" "$(PREFIX)/bin/"; done
	@if [ -e dist/bin/ambit-desktop ]; then scripts/desktop-entry install "$(PREFIX)"; fi
	@echo "Installed to $(PREFIX)/bin. $$(case ":$$PATH:" in *":$(PREFIX)/bin:"*) ;; *) echo 'Add that folder to your PATH.';; esac)"

# Asks, where somebody is there, whether what Ambit keeps for them is to go as well.
uninstall:
	@if [ -t 0 ] && [ -x "$(PREFIX)/bin/ambit" ]; then "$(PREFIX)/bin/ambit" data remove || true; fi
	@[ ! -x "$(PREFIX)/bin/ambit" ] || "$(PREFIX)/bin/ambit" browser uninstall || true
	@rm -f $(addprefix "$(PREFIX)/bin/",ambit ambit-lsp ambit-native-host ambit-desktop)
	@scripts/desktop-entry remove "$(PREFIX)"
	@echo "Removed from $(PREFIX)/bin."

set-up:
	@scripts/set-up

model: set-up
	@scripts/fetch-model "$(AMBIT_TEST_MODEL)"

# The host takes up what it finds in `ui/dist`, so this comes before it.
page: set-up
	@$(WITH_NODE) scripts/build-page

lint:
	@scripts/lint

# The compiler of `scripts/lint`, so that the tests run what it has compiled; another one would begin anew.
test: export RUSTC_WORKSPACE_WRAPPER := clippy-driver
test: export CLIPPY_ARGS := -Dwarnings__CLIPPY_HACKERY__
test: page model
	@scripts/make-room "$(CARGO_TARGET_DIR)"
	@scripts/set-up tests
	@scripts/fetch-clients "$(AMBIT_TEST_CLIENTS)"
	@scripts/fetch-editors "$(AMBIT_TEST_EDITORS)" || true
	@scripts/lint
	@cargo test --quiet --workspace --doc
	@cargo test --quiet --manifest-path lsp-server/Cargo.toml
	@if scripts/has-desktop 2>/dev/null; then cargo test --quiet --manifest-path src-tauri/Cargo.toml; fi
	@if cargo nextest --version >/dev/null 2>&1; then \
	  cargo nextest run --workspace $(if $(CI),--profile ci); \
	else \
	  cargo test --workspace --tests; \
	fi
	@$(WITH_NODE) scripts/test-page "$(CARGO_TARGET_DIR)/debug/ambit"
	@$(WITH_NODE) scripts/test-browser-extension "$(CARGO_TARGET_DIR)/debug/ambit"
	@scripts/fetch-code-server "$(AMBIT_CODE_SERVER)" "$(CACHE)/node" || true
	@$(WITH_NODE) scripts/test-extension "$(CARGO_TARGET_DIR)/debug/ambit" "$(CARGO_TARGET_DIR)/debug/ambit-lsp"
	@scripts/test-editors "$(CARGO_TARGET_DIR)/debug/ambit" "$(CARGO_TARGET_DIR)/debug/ambit-lsp"

# The last step of `test` alone, for who works on the page.
test-page: build model
	@scripts/set-up tests
	@$(WITH_NODE) scripts/test-page dist/bin/ambit

# The same for who works on the extension for browsers.
test-browser-extension: build model
	@scripts/set-up tests
	@$(WITH_NODE) scripts/test-browser-extension dist/bin/ambit

# The same for who works on the extension for VS Code.
test-extension: build model
	@scripts/set-up tests
	@scripts/fetch-code-server "$(AMBIT_CODE_SERVER)" "$(CACHE)/node"
	@$(WITH_NODE) scripts/test-extension dist/bin/ambit dist/bin/ambit-lsp

# The same for who works on what is for Neovim and Emacs.
test-editors: build model
	@scripts/set-up tests
	@scripts/fetch-editors "$(AMBIT_TEST_EDITORS)"
	@scripts/test-editors dist/bin/ambit dist/bin/ambit-lsp
