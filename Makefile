# Everything a person does with a checkout. `make` alone lists the verbs.
SHELL := /usr/bin/env bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
VENV   ?= .venv
OUT    ?= demo
# Which virtual Pis: PIS='--board respeaker --time virtual'; without, all of them.
PIS    ?=
# How to measure: ARGS=--quick, ARGS='--only cost latencies'; without, everything.
ARGS   ?=

BIN    := $(VENV)/bin
PYTEST := $(BIN)/python -m pytest
# Integration tests have threads that a busy machine can hold up for seconds; a real-time class, where it is allowed, mends that.
REALTIME := $(shell chrt -f 50 true 2>/dev/null && echo chrt -f 50)

# Trixie's Python, on the path or among pyenv's.
OTHER_PYTHON := $(shell for python in python3.13 $$HOME/.pyenv/versions/3.13*/bin/python; do \
  "$$python" --version >/dev/null 2>&1 && echo "$$python" && break; done)

COMMA := ,
SPACE := $(subst ,, )
# Decided by (state, input, time) alone: every branch is tested.
PURE := \
  $(addprefix device/talkbox/,config config_text log_fields settings masking) \
  $(addprefix device/talkbox/conversation/,events parse protocol outgoing urls values failures) \
  $(addprefix device/talkbox/audio/,ahead analyser chirp chunker clipping cues dc faults formats frames gate latency level limiter meter pace playback resample riff stall start timing volume) \
  $(addprefix device/talkbox/audio/echo/,cascade choice delay double_talk guard headroom history kalman loss moved nothing path reference stage surplus) \
  $(addprefix device/talkbox/controls/,gestures) \
  $(addprefix device/talkbox/lights/,patterns theme) \
  $(addprefix device/talkbox/appliance/,control_protocol device_tools diagram endings limits metrics mic press state) \
  $(addprefix device/talkbox/journal/,entry fold options query text) \
  $(addprefix device/talkbox/doctor/,agent board bundle card check clock device health host leds lines network run service touch wifi) \
  $(addprefix device/talkbox/terminal/,acoustics button keys record room_verdict scene status text timeline view) \
  $(addprefix device/talkbox_broker/,access addresses credential desk limits peers refusals settings) \
  $(addprefix device/talkbox_agent/,audio grammar heard messages numerals script signing skills story turns)

.PHONY: help
help: ## list the verbs
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

.PHONY: demo
demo: ## hold a spoken conversation with the embedded agent, and look at it (result in OUT=demo)
	@PYTHON='$(PYTHON)' VENV='$(VENV)' provisioning/workstation.sh demo
	@$(REALTIME) $(BIN)/talkbox demo --out '$(OUT)'

.PHONY: test
test: setup lint types unit integration coverage other-python ## set up what is needed and run everything: style, types, all tests, coverage
	@echo 'all tests passed'

.PHONY: setup
setup: ## install what the tests need: apt packages and the virtual environment
	@PYTHON='$(PYTHON)' VENV='$(VENV)' provisioning/workstation.sh test
	@rm -rf .coverage

.PHONY: lint
lint: ## check style, spelling and shell scripts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/codespell device hardware provisioning systemd tests Makefile *.md pyproject.toml
	$(BIN)/shellcheck --external-sources $$(git ls-files --cached --others --exclude-standard '*.sh') .ci/run \
	  tests/virtual_pi/build tests/virtual_pi/setup-guest tests/virtual_pi/guest/usr/local/bin/net-fault \
	  tests/virtual_pi/guest/usr/local/lib/vpi/command

.PHONY: types
types: ## check types
	$(BIN)/mypy

.PHONY: format
format: ## rewrite the source in the project's style
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

.PHONY: unit
unit: ## run the unit tests, in seconds
	PYTHONASYNCIODEBUG=1 $(BIN)/coverage run -m pytest tests --quiet --ignore=tests/integration --ignore=tests/provisioning

.PHONY: integration
integration: ## run the tests with real threads, sockets, programs and a simulated sound card, in minutes
	@echo "integration tests run $(if $(REALTIME),with real-time priority: $(REALTIME),with ordinary priority: chrt is not allowed here)"
	$(REALTIME) $(BIN)/coverage run -m pytest tests/integration tests/provisioning --quiet --durations=5 -p no:randomly

.PHONY: coverage
coverage: ## print what the tests covered (run unit and integration first)
	$(BIN)/coverage combine --quiet --keep || true
	$(BIN)/coverage report --fail-under=90
	$(BIN)/coverage report --include='$(subst $(SPACE),$(COMMA),$(strip $(PURE:=.py)))' --fail-under=100

.PHONY: other-python
other-python: ## run the unit tests on Python 3.13 too, where it is installed
	@if [[ -n '$(OTHER_PYTHON)' ]]; then \
	  PYTHON='$(OTHER_PYTHON)' VENV=.venv-3.13 provisioning/workstation.sh test && \
	  .venv-3.13/bin/python -m pytest tests --quiet --ignore=tests/integration --ignore=tests/provisioning; \
	else echo 'skipped: there is no python3.13 here'; fi

.PHONY: virtual-pi
virtual-pi: ## boot virtual Raspberry Pis and run the checks in them (needs root; the first use builds one, in minutes)
	@PYTHON='$(PYTHON)' VENV='$(VENV)' provisioning/workstation.sh test
	@$(BIN)/python -m tests.virtual_pi $(PIS)

.PHONY: lights
lights: ## draw what the lights say, over time: device/talkbox/lights/theme.svg
	@PYTHON='$(PYTHON)' VENV='$(VENV)' provisioning/workstation.sh test
	@PYTHONPATH=device $(BIN)/python -m talkbox.lights.chart >theme.svg.new
	@mv theme.svg.new device/talkbox/lights/theme.svg
	@echo 'look at it: device/talkbox/lights/theme.svg'

.PHONY: bench
bench: ## print what the device costs and how quick it is, and draw it (OUT=demo); ARGS=--quick for four minutes of it
	@PYTHON='$(PYTHON)' VENV='$(VENV)' provisioning/workstation.sh test
	$(REALTIME) $(BIN)/python -m tests.bench --out '$(OUT)' $(ARGS)

.PHONY: lock
lock: ## resolve the lock file anew, for Python 3.11 to 3.13 on x86_64 and aarch64
	$(BIN)/python -m pip --quiet install uv
	$(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --all-extras --group dev --group peers --group echo-bench \
	  --no-annotate --no-header --no-emit-index-url --no-emit-find-links --upgrade --output-file requirements.lock

.PHONY: clean
clean: ## remove what the other verbs made
	rm -rf .venv .venv-3.13 .coverage .hypothesis .mypy_cache .pytest_cache .ruff_cache build dist $(OUT)
