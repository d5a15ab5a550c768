# The front door.  meson.build is the build; this file only names what one does with it.
# MESON_ARGS goes to `meson setup` of a fresh build directory, TEST_ARGS to `meson test`.

# Debian's own tools are found whatever else is on PATH; what Python reads from the environment stays out.
export PATH := $(PATH):/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
unexport PYTHONDONTWRITEBYTECODE PYTHONUNBUFFERED PYTHONHOME PYTHONPATH PYTHONSTARTUP PYTHONOPTIMIZE VIRTUAL_ENV MAKEFLAGS
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help setup build demo test bench soak asan tsan fuzz tidy fmt clean install

SOURCES = $(shell find src tests -name '*.[ch]')
PREFIX ?= /usr/local
DEMO = examples/embed/app.py::Embedder.embed

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile | expand -t 10

setup: ## install everything that building, testing and checking need
	@tools/setup dev

build: ## build/coldspot and build/libcoldspot-agent.so
	@tools/setup demo
	@tools/build build $(MESON_ARGS)

demo: build ## measure an example app, and say what to change first
	build/coldspot run $(DEMO) --cold 5 --warm 20 --input '["hello"]'
	@echo
	build/coldspot diagnose $(DEMO) --input '["hello"]' || [ $$? -eq 1 ]  # 1: it found something

test: ## unit, golden and end-to-end tests; the last line counts them
	@tools/setup test
	@tools/build build -Dtests=enabled $(MESON_ARGS)
	@tools/run-tests build --no-suite slow $(TEST_ARGS)

bench: build ## what measuring costs, beside other profilers
	@tools/setup dev
	@tests/bench/run $(BENCH_ARGS)

soak: build ## ten minutes of a busy server with everything observed at 1 kHz: what the agent holds must not grow
	@tools/build build -Dtests=enabled $(MESON_ARGS)
	@tests/e2e/soak/run build/libcoldspot-agent.so build/dump_recording --seconds 600 $(SOAK_ARGS)

asan: ## unit, golden and some end-to-end tests with AddressSanitizer and UndefinedBehaviorSanitizer
	@tools/setup dev
	@tools/build build-asan -Dtests=enabled -Db_sanitize=address,undefined -Doptimization=1
	@tools/run-tests build-asan --suite unit --suite golden --suite asan --timeout-multiplier 4 $(TEST_ARGS)

tsan: ## tests of what has threads, with ThreadSanitizer
	@tools/setup dev
	@CC=clang tools/build build-tsan -Dtests=enabled -Db_sanitize=thread -Db_lundef=false -Doptimization=1
	@tools/run-tests build-tsan --suite threads --timeout-multiplier 4 $(TEST_ARGS)

fuzz: ## every fuzzer for FUZZ_SECONDS (20), from and into tests/fuzz/corpus
	@tools/setup dev
	@tests/fuzz/run $(FUZZERS)

tidy: ## clang-tidy over everything
	@tools/setup dev
	@tools/tidy

fmt: ## format the C code
	@tools/setup dev
	@clang-format -i $(SOURCES)

install: build ## into PREFIX (/usr/local), below DESTDIR where that is set
	@meson configure build -Dprefix=$(PREFIX)
	@meson install -C build

clean: ## remove what was built; keeps what the set-up installed
	@rm -rf build build-*
