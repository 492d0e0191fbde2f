# Tillkeeper: everything a newcomer needs is `make run` and `make test`.
# Assumed: Rust (cargo), Node 20.19, 22.12, or 24 and newer (npm), make, a C compiler. Everything else is set up here.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.PHONY: help run test check audit bench fuzz pictures ui build setup setup-tests tools

# Built programs are the same for run and test: one profile, one set of features.
TARGET := $(or $(CARGO_TARGET_DIR),target)
TILL := $(TARGET)/debug/tillkeeper
DATA ?= $(TARGET)/run
DENY := $(TARGET)/tools/bin/cargo-deny

BUILD_PACKAGES := libwebkit2gtk-4.1-dev librsvg2-dev pkg-config build-essential
TEST_PACKAGES := webkit2gtk-driver chromium chromium-driver xvfb xserver-xorg-core xserver-xorg-video-dummy openbox x11-xserver-utils dbus dbus-x11 gnome-keyring libsecret-tools fonts-noto-cjk openssl util-linux xauth sqlite3 libreoffice-calc-nogui

help:
	@echo "make run     sell something in training mode (in the terminal where there is no display)"
	@echo "make test    every test"
	@echo "make check   formatting, lints, types, licences"
	@echo "make audit   known vulnerabilities (needs the advisory databases)"
	@echo "make bench   release build and measurements beside their limits"
	@echo "             (PART='polling parts people burst siege sale scan inbound start journal')"
	@echo "make fuzz    long runs, optimised: properties (PROPERTIES=20000), mutated answers (CASES=1000000 of each operation,"
	@echo "             a fifth of Dingdang's calls),"
	@echo "             simulation (STEPS=1000000 SEED=1), sales (SALES=10000)"

run: build
	@if [ -n "$${DISPLAY:-}$${WAYLAND_DISPLAY:-}" ]; then \
	    echo "Opening the training till. Its customer's phone is a button in the window. Data: $(DATA)"; \
	    ended=0; $(TILL) --data-dir $(DATA) --training || ended=$$?; \
	    [ $$ended -eq 5 ] || exit $$ended; \
	fi; \
	echo "No window here: the same sale in the terminal. This command plays the customer, too."; \
	$(TILL) --data-dir $(DATA) --training sale practice wechat.scan 12.50 --play-customer; \
	echo "The journal's orders:"; \
	$(TILL) --data-dir $(DATA) --training order list

# Properties are tried with the same cases in every run, so that a change fails by what it changed; make fuzz tries others.
test: export PROPTEST_RNG_SEED := 1
test: setup-tests ui
	cd ui && npm test
	cargo build --workspace --all-targets
	cargo test --workspace --no-fail-fast

check: setup tools ui
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings
	$(DENY) --workspace check bans licenses sources
	cd ui && npm run check && npm run lint

audit: tools
	@$(DENY) --workspace check advisories || \
	    { echo "The advisory check failed: see above; without the advisory database nothing was checked." >&2; exit 1; }
	@cd ui && npm audit || { echo "npm audit failed: see above; without its database nothing was checked." >&2; exit 1; }

bench: setup-tests ui
	cargo build --release --workspace
	$(TARGET)/release/bench $(PART)

STEPS ?= 1000000
SALES ?= 10000
SEED ?=
CASES ?= 1000000
PROPERTIES ?= 20000
fuzz: setup
	PROPTEST_CASES=$(PROPERTIES) cargo test --profile fuzz -p till-core --test order --test limits --test people
	TILL_CASES=$(CASES) cargo test --profile fuzz -p till-core --test conformance mutation
	cargo build --profile fuzz -p till-tests --bin fuzz
	$(TARGET)/fuzz/fuzz simulation --steps $(STEPS) $(if $(SEED),--seed $(SEED))
	$(TARGET)/fuzz/fuzz sales --steps $(SALES) $(if $(SEED),--seed $(SEED))

build: setup ui
	cargo build --workspace --bin tillkeeper

ui: setup
	cd ui && { [ node_modules/.package-lock.json -nt package-lock.json ] || npm ci; } && npm run build

setup:
	@bash tests/setup.sh $(BUILD_PACKAGES)

setup-tests:
	@bash tests/setup.sh $(BUILD_PACKAGES) $(TEST_PACKAGES)

tools: setup
	@[ -x $(DENY) ] || cargo install cargo-deny --version 0.20.2 --locked --root $(TARGET)/tools

# The pictures in docs/pictures, taken anew from the real window.
pictures: setup-tests ui
	cargo build --workspace --all-targets
	TILLKEEPER_PICTURES=docs/pictures cargo test -p till-tests --test window pictures::
