# pixelmill: from a tilesheet to new sprites. `make` alone prints the help.
ifeq ($(filter grouped-target,$(.FEATURES)),)
$(error this needs GNU Make 4.3 or newer, and this is $(MAKE_VERSION); on macOS: brew install make, then gmake)
endif

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
# Numbers have a decimal point and names one order, whatever the user's language is. $(shell) does not have it before
# make 4.4, so what it runs sets it itself.
export LC_ALL := C
.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules --no-builtin-variables
# The letters of the flags that were given. Without any, make 4.3 has the long ones above in their place: words with an
# n.
flag_letters = $(filter-out --%,$(firstword -$(MAKEFLAGS)))
.DEFAULT_GOAL := help
.PHONY: FORCE
FORCE:

# Where these makefiles lie: nothing in the source tree itself; elsewhere (`pixelmill compare`) with a slash at the end.
# There they make the pipeline's goals alone, with tools that are there already.
ROOT := $(patsubst ./%,%,$(dir $(firstword $(MAKEFILE_LIST))))
# What is empty was not given: RESULTS= would put the results into the root of the file system.
$(foreach v,RESULTS BUILD TOOLS RESOURCES DOWNLOADS PRESET RUNS ROWS SAMPLES SEEDS JOBS,$(if \
  $(strip $(value $v)),,$(eval override undefine $v)))
RESULTS ?= runs
BUILD := $(if $(ROOT),$(RESULTS)/.pixelmill,build)#  everything that is made from the sources; `make clean` removes it
# What a person types to get here, and what a recipe does.
me := $(if $(ROOT),pixelmill make,make)
again = $(MAKE) --no-print-directory$(if $(ROOT), -f $(ROOT)Makefile)

empty :=
space := $(empty) $(empty)
comma := ,
tab := $(empty)	$(empty)
define newline


endef
quote = '$(subst ','\'',$1)'# the text as one word of the shell

parts := variables methods goals
tree_parts := build cuda test bench install package book
pipeline_parts := fetched data runner runs compare report sheets seeds sweep studio stages

include $(parts:%=$(ROOT)pipeline/%.mk)
ifeq ($(ROOT),)
include pipeline/setup.mk
endif
ifeq ($(relayed_goals),)
ifeq ($(ROOT),)
include $(tree_parts:%=pipeline/%.mk)
endif
ifneq ($(pipeline_goals),)
include $(pipeline_parts:%=$(ROOT)pipeline/%.mk)
else ifeq ($(ROOT),)
include pipeline/wasm.mk
endif
endif
