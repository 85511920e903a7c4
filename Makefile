# pixelmill: from a tilesheet to new sprites. `make` alone prints the help.
ifeq ($(filter grouped-target,$(.FEATURES)),)
$(error this needs GNU Make 4.3 or newer, and this is $(MAKE_VERSION); on macOS: brew install make, then gmake)
endif

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules --no-builtin-variables
# The letters of the flags that were given. Without any, make 4.3 has the long ones above in their place: words with an
# n.
flag_letters = $(filter-out --%,$(firstword -$(MAKEFLAGS)))
.DEFAULT_GOAL := help
.PHONY: FORCE
FORCE:

BUILD := build#  everything that is made from the sources; `make clean` removes it

empty :=
space := $(empty) $(empty)
comma := ,
tab := $(empty)	$(empty)
define newline


endef
quote = '$(subst ','\'',$1)'# the text as one word of the shell

include pipeline/variables.mk
include pipeline/methods.mk
include pipeline/goals.mk
ifeq ($(relayed_goals),)
include pipeline/build.mk
include pipeline/cuda.mk
include pipeline/test.mk
include pipeline/bench.mk
include pipeline/install.mk
include pipeline/book.mk
ifneq ($(pipeline_goals),)
include pipeline/fetched.mk
include pipeline/data.mk
include pipeline/runner.mk
include pipeline/runs.mk
include pipeline/compare.mk
include pipeline/report.mk
include pipeline/sheets.mk
include pipeline/seeds.mk
include pipeline/sweep.mk
include pipeline/studio.mk
include pipeline/stages.mk
else
include pipeline/wasm.mk
endif
endif
