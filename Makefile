# `make` alone tells what there is. What a developer runs is what CI runs: .ci/run.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

# The service runs as a user of its own, so its Python must not live in somebody's home: Debian's own by default.
PYTHON ?= $(firstword $(wildcard /usr/bin/python3) python3)
VENV ?= .venv
BIN := $(VENV)/bin
export PYTHONPATH := $(CURDIR)

SOURCES := $(shell find watcher schemas -type f -not -path '*/__pycache__/*' 2>/dev/null)
PACKAGING := setup.cfg pyproject.toml
PYTEST_ARGS ?=
# so many tests at once, one file of them in one process; 0 for one after the other, as for --pdb
JOBS ?= $(shell echo $$(($$(nproc) + 1)))
pytest := $(BIN)/python -m pytest -n $(JOBS) --dist loadfile
BENCH_ARGS ?=

# install: DESTDIR is for packages and tests; with it nothing outside of DESTDIR is touched or told
DESTDIR ?=
PREFIX := /opt/epoch-watcher
CONFIG := /etc/epoch-watcher
INSTALLED := $(DESTDIR)$(PREFIX)

.PHONY: help
help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: demo
demo: $(VENV)/.stamp-run ## show the service at work on a few drops, in a temporary folder
	$(BIN)/epoch-watcher demo

.PHONY: check
check: lint types contracts test ## everything that must hold before a commit

.PHONY: lint
lint: $(VENV)/.stamp-dev ## style and common faults
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

.PHONY: types
types: $(VENV)/.stamp-dev ## static types
	$(BIN)/mypy

.PHONY: contracts
contracts: $(VENV)/.stamp-dev ## imports go down the house only
	$(BIN)/lint-imports

.PHONY: test
test: $(VENV)/.stamp-dev system-parts ## all tests; PYTEST_ARGS="-k claim" for some
	$(pytest) $(PYTEST_ARGS)

.PHONY: coverage
coverage: $(VENV)/.stamp-dev system-parts ## all tests, then which lines none of them ran
	rm -f .coverage .coverage.*
	$(pytest) --cov --cov-report= $(PYTEST_ARGS)
	$(BIN)/coverage report

.PHONY: bench
bench: $(VENV)/.stamp-bench ## measure; BENCH_ARGS are passed on
	$(BIN)/python -m bench $(BENCH_ARGS)

.PHONY: system-parts
system-parts: ## what the tests need besides Python: root installs it, others are told how
	.ci/system-parts

.PHONY: install
install: ## the service below /opt, /etc and systemd (as root; DESTDIR=... for a package)
	@[[ -n "$(DESTDIR)" || $$EUID -eq 0 ]] || { echo "make: install must be run as root: sudo make install" >&2; exit 2; }
	@$(call need_venv)
	@# the service's user must be able to read what root installs, whatever root's own umask; a left-over build/ would
	@# bring modules along that are long gone
	umask 022; [[ -x $(INSTALLED)/bin/python ]] || $(PYTHON) -m venv $(INSTALLED)
	umask 022; rm -rf build; $(INSTALLED)/bin/python -m pip install --quiet --upgrade '.[postgresql,photos]'; rm -rf build
	$(if $(DESTDIR),$(call relocate_venv))
	install -D -m 0644 -t $(INSTALLED)/share/doc README.md docs/how-to/*.md
	@# to be handed to districts; the pages of how-to link to ../districts
	install -D -m 0644 -t $(INSTALLED)/share/districts docs/districts/*.md
	install -D -m 0755 -t $(INSTALLED)/share/examples examples/*
	install -D -m 0755 -t $(INSTALLED)/bin systemd/add-district
	install -d $(DESTDIR)/usr/local/bin
	ln -sfn $(PREFIX)/bin/epoch-watcher $(DESTDIR)/usr/local/bin/epoch-watcher
	install -D -m 0644 -t $(INSTALLED)/share/systemd systemd/drop-ins/leases.conf systemd/sshd-epoch-watcher.conf
	install -D -m 0644 -t $(DESTDIR)/etc/systemd/system systemd/epoch-watcher.service systemd/epoch-watcher-view@.service
	install -D -m 0644 systemd/epoch-watcher.sysusers $(DESTDIR)/usr/lib/sysusers.d/epoch-watcher.conf
	install -D -m 0644 systemd/epoch-watcher.tmpfiles $(DESTDIR)/usr/lib/tmpfiles.d/epoch-watcher.conf
	@# an administrator's configuration is never overwritten: the new example stands beside it
	install -D -m 0640 config.example.yaml $(DESTDIR)$(CONFIG)/config.example.yaml
	[[ -e $(DESTDIR)$(CONFIG)/config.yaml ]] || install -m 0640 config.example.yaml $(DESTDIR)$(CONFIG)/config.yaml
	$(if $(DESTDIR),,$(activate))

.PHONY: uninstall
uninstall: ## take the service away; configuration, uploads and archive stay
	@[[ -n "$(DESTDIR)" || $$EUID -eq 0 ]] || { echo "make: uninstall must be run as root: sudo make uninstall" >&2; exit 2; }
	$(if $(DESTDIR),,[[ ! -d /run/systemd/system ]] || systemctl disable --now epoch-watcher.service)
	rm -rf $(INSTALLED)
	rm -f $(DESTDIR)/usr/local/bin/epoch-watcher
	rm -f $(DESTDIR)/etc/systemd/system/epoch-watcher.service $(DESTDIR)/etc/systemd/system/epoch-watcher-view@.service
	rm -f $(DESTDIR)/usr/lib/sysusers.d/epoch-watcher.conf $(DESTDIR)/usr/lib/tmpfiles.d/epoch-watcher.conf
	$(if $(DESTDIR),,[[ ! -d /run/systemd/system ]] || systemctl daemon-reload)
	@echo "kept: $(DESTDIR)$(CONFIG), $(DESTDIR)/srv/sftp and the user epoch-watcher"

.PHONY: clean
clean: ## what was built; the virtual environment stays (rm -rf .venv)
	rm -rf build dist ./*.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage .coverage.* htmlcov
	find . -path ./$(VENV) -prune -o -type d -name __pycache__ -exec rm -rf {} +

# --- how

# Says which part of the system is missing, and the command that brings it, before pip fails in its own words.
define need_venv
	command -v $(PYTHON) >/dev/null || { echo "make: there is no $(PYTHON): apt-get install python3, or make PYTHON=..." >&2; exit 2; }; \
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "make: expected Python 3.11 or newer, $(PYTHON) is $$($(PYTHON) -V); make PYTHON=..." >&2; exit 2; }; \
	$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
	  || { echo "make: $(PYTHON) cannot make virtual environments: apt-get install python3-venv" >&2; exit 2; }
endef

# A venv's programs begin with the path it was made at; in a DESTDIR that is not where they will be run.
define relocate_venv
	{ grep -rlIZ '^#!$(abspath $(INSTALLED))/bin/python' $(INSTALLED)/bin || true; } | xargs -0r sed -i '1s|$(abspath $(DESTDIR))||'
	sed -i 's|$(abspath $(DESTDIR))||g' $(INSTALLED)/pyvenv.cfg $(INSTALLED)/bin/activate*
endef

define activate
	systemd-sysusers epoch-watcher.conf
	systemd-tmpfiles --create epoch-watcher.conf
	chgrp epoch-watcher $(CONFIG)/*.yaml
	[[ ! -d /run/systemd/system ]] || systemctl daemon-reload
	@echo "next: edit $(CONFIG)/config.yaml, then systemctl enable --now epoch-watcher"
endef

# One environment for both: `demo` needs only the programs, a developer also the tools. Each stamp is younger than
# what it was made from, so nothing is installed twice.
$(VENV)/bin/python:
	@$(call need_venv)
	$(PYTHON) -m venv $(VENV)

$(VENV)/.stamp-dev: $(PACKAGING) | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet -e '.[test,lint,postgresql]'
	touch $@ $(VENV)/.stamp-run

$(VENV)/.stamp-bench: $(VENV)/.stamp-dev
	$(BIN)/python -m pip install --quiet -e '.[bench]'
	touch $@

$(VENV)/.stamp-run: $(PACKAGING) $(SOURCES) | $(VENV)/bin/python
	@# an editable installation sees new sources by itself
	[[ $(VENV)/.stamp-dev -nt setup.cfg ]] || { rm -rf build; $(BIN)/python -m pip install --quiet .; rm -rf build; }
	touch $@
