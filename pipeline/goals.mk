# The goals, and which makefiles they need.

.PHONY: help list

# Lines of the form `target: ## what it does` in these makefiles are the help, and lines that begin with `#:`. The build's
# come first, then what a person does from data to page.
help_parts := goals $(if $(ROOT),,setup build) data fetched runs runner compare report stages seeds sweep $(if $(ROOT),,test bench) studio \
  $(if $(ROOT),,wasm cuda install package book)
help: ## print this list (the default)
	@awk -v me='$(me)' -f $(ROOT)pipeline/help.awk $(help_parts:%=$(ROOT)pipeline/%.mk)

list: ## list the training runs, with their losses and scores
	@me='$(me)' bash $(ROOT)pipeline/list.sh '$(RESULTS)'

# Goals of the pipeline: compare, curves, scores, seeds, sweep, explain, dag, page, the stages DATASET/data and DATASET/RUN, and files of
# the results.
parts_of = $(subst /, ,$1)
stage_goals := $(foreach goal,$(MAKECMDGOALS),$(if $(and \
  $(filter 2,$(words $(call parts_of,$(goal)))),$(filter data $(all_runs),$(notdir $(goal)))),$(goal)))
pipeline_goals := $(filter compare curves scores seeds sweep explain dag page $(stage_goals) $(RESULTS)/%,$(MAKECMDGOALS))

# Goals that compile; the pipeline has its tools built by a make of its own (stages.mk).
build_goals := $(filter-out help setup clean uninstall list book quotes dist deb deb-tree formula $(pipeline_goals),$(MAKECMDGOALS))
