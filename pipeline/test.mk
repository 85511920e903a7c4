# The tests: C programs of tests/unit, end-to-end files tests/*.bats. The last line counts them all.

#: Tests: TESTS="tests/montage.bats test_npy" runs only these; JOBS=N runs N files at a time (2).

JOBS ?= 2
bats_files := $(sort $(wildcard tests/*.bats))
long_files := $(sort $(wildcard tests/long/*.bats))
run_tests = PM_BUILD='$(abspath $(OUT))' JOBS='$(JOBS)' bash tests/run.sh '$(OUT)/results'

# Those of a list of files that TESTS names, by path or by name, with or without the ending; all when it is not set.
chosen = $(if $(TESTS),$(foreach file,$1,$(if $(filter $(basename $(notdir $(TESTS))),$(basename $(notdir $(file)))),$(file))),$1)
unit_chosen := $(call chosen,$(unit_tests))
bats_chosen := $(call chosen,$(bats_files))

run_chosen = $(if $1,@$(run_tests) $1,@echo 'TESTS=$(TESTS): there are no such tests' >&2; exit 1)

# The plugins that this machine can build; their tests say what they lack without.
plugins = $(if $(and $(wildcard lib/parallel/mpi/mpi.c),$(shell command -v $(MPICC))),$(mpi_plugin))

.PHONY: test test-long
test: $(if $(bats_chosen),all $(plugins)) $(unit_chosen) ## run the unit and end-to-end tests, under ten minutes
	$(call run_chosen,$(strip $(unit_chosen) $(bats_chosen)))

test-long: all $(plugins) ## run the slow end-to-end tests (tests/long)
	$(call run_chosen,$(call chosen,$(long_files)))
