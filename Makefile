# Signpost's commands. `make` alone lists them; the longer ones are scripts in tools/.
#
# One target runs after the other, but for the suites of `make test`: they share nothing but what they read. Each suite's
# output is shown as a whole when the suite ends.

# What this checkout brings comes before what the machine has.
export PATH := $(CURDIR)/.node/node_modules/.bin:$(CURDIR)/node_modules/.bin:$(PATH)

# The share of their random cases that the unit specs generate. Continuous integration generates all.
CASES ?= 0.1
export CASES

.DEFAULT_GOAL := help
ifneq ($(MAKECMDGOALS),suites)
.NOTPARALLEL:
endif
.PHONY: help deps build check spec e2e test suites bench bench-pauses bench-propagation readme run install clean

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  %-17s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

deps: ## install what everything below needs: Debian packages, Node where it is missing, npm packages
	@tools/deps test

build: ## compile src to lua-dist, from nothing; any diagnostic is an error
	@tools/build lua-dist

check: ## types, lint, format, the purity rule, and that lua-dist is what src compiles to
	@tools/check

spec: ## run the unit specs on LuaJIT, against lua-dist (ONLY="cache/lookup health" for some; CASES=1 for all random cases)
	@tools/spec $(ONLY)

e2e: ## run the end-to-end tests: real nginx, real Redis (ONLY="cache failover" for some of the files)
	@tools/e2e $(ONLY)

test: deps ## all of it: deps, then check, spec and e2e, as many at a time as there are processors
	@$(MAKE) --no-print-directory --jobs=$${JOBS:-$$(nproc)} --output-sync=target CASES=1 ONLY= suites

# e2e comes first because it takes longest, and mostly waits.
suites: e2e check spec

bench: ## measure what a request costs, into bench/RESULTS.md (wants wrk, haproxy, valgrind; ROUNDS=20)
	@tools/bench requests $(ROUNDS)

bench-pauses: ## measure how long changes and snapshots keep a worker from requests, into bench/RESULTS.md (wants wrk)
	@tools/bench pauses

bench-propagation: ## measure how long a change takes to be served, into bench/RESULTS.md (wants wrk)
	@tools/bench propagation

readme: ## write the README's tables of settings and options from the code
	@luajit spec/support/readme_tables.lua --write README.md

run: ## a demo in the foreground: nginx, Redis and two backends; installs those that are missing; Ctrl-C stops all
	@tools/run

install: ## copy lua-dist and the snippets into place (DESTDIR, PREFIX, LUA_LIB_DIR, NGINX_CONF_DIR)
	@DESTDIR='$(DESTDIR)' PREFIX='$(PREFIX)' LUA_LIB_DIR='$(LUA_LIB_DIR)' NGINX_CONF_DIR='$(NGINX_CONF_DIR)' tools/install

clean: ## remove what building and testing left behind
	@rm -rf build
