# The goals, and which makefiles they need.

.PHONY: help setup list clean

# Lines of the form `target: ## what it does` in these makefiles are the help, and lines that begin with `#:`.
help: ## print this list (the default)
	@awk -f pipeline/help.awk Makefile pipeline/goals.mk pipeline/build.mk pipeline/data.mk pipeline/fetched.mk pipeline/runs.mk pipeline/runner.mk \
	  pipeline/compare.mk pipeline/report.mk pipeline/stages.mk pipeline/seeds.mk pipeline/sweep.mk pipeline/test.mk pipeline/bench.mk pipeline/studio.mk pipeline/wasm.mk pipeline/cuda.mk pipeline/install.mk \
	  pipeline/book.mk

setup: ## install what is missing: compiler, libraries, bats
	@PAGE=$(call on,PAGE) bash pipeline/setup.sh
	@rm -f $(BUILD)/config.mk # so that the next make looks for the libraries again
	$(if $(call on,CUDA),@bash pipeline/cuda-setup.sh)

list: ## list the training runs, with their losses and scores
	@bash pipeline/list.sh '$(RESULTS)'

clean: ## remove what was built; never touches runs/
	rm -rf $(BUILD)

# Other goals beside `setup` need what it installs already while the makefiles are read (the probe looks for the
# libraries), so they are relayed to a second make that starts when `setup` is done.
relayed_goals := $(if $(filter setup,$(MAKECMDGOALS)),$(filter-out setup,$(MAKECMDGOALS)))
ifneq ($(relayed_goals),)
.PHONY: $(relayed_goals)
$(relayed_goals) &: setup
	+@$(MAKE) --no-print-directory $(relayed_goals)
endif

# Goals of the pipeline: compare, curves, scores, seeds, sweep, explain, dag, page, the stages DATASET/data and DATASET/RUN, and files of
# the results.
RESULTS ?= runs
parts_of = $(subst /, ,$1)
stage_goals := $(foreach goal,$(MAKECMDGOALS),$(if $(and \
  $(filter 2,$(words $(call parts_of,$(goal)))),$(filter data $(all_runs),$(notdir $(goal)))),$(goal)))
pipeline_goals := $(filter compare curves scores seeds sweep explain dag page $(stage_goals) $(RESULTS)/%,$(MAKECMDGOALS))

# Goals that compile; the pipeline has its tools built by a make of its own (stages.mk).
build_goals := $(filter-out help setup clean uninstall list book quotes $(pipeline_goals),$(MAKECMDGOALS))
