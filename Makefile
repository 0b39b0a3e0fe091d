# Everything runs from .venv, which `make venv` fills from the hashed lock (requirements.txt).
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin

.PHONY: venv run test test-long check bench fmt lock clean

venv: .venv/.ready

.venv/.ready: requirements.txt pyproject.toml
	bash .ci/venv $(PYTHON)
	touch $@
