# What is up to date. A stage depends on its key: the settings and the hashes of the inputs that its result depends on,
# a text in the file `key` beside the result. Its time stamp orders make's work, its content decides: keys.sh works out
# what each key should be, and lists those that differ in stale.mk; their rules rewrite them, and so on down the line.
# Tools are not prerequisites: rebuilding them reruns a stage only if its key changes.
#
# Keys come from the tools, so those must be up to date before make decides anything, under -n too: hence stale.mk is an
# included makefile, which make remakes before all else; and its own recipe has the tools built by a make without -n, -B
# and the like, which are about the pipeline. When stale.mk comes out as it was, make goes on without reading all anew.

TOOLS ?= $(BIN)
# Other settings have a folder of their own: a result is given its key when its turn comes, and until then another make
# may have asked what would be done with them.
asked_with := $(foreach v,SET DEVICE RUNS ROWS SAMPLES COLOURS CLASSES,$v=$($v)) $(sheets) $(cut)
keys := $(BUILD)/keys/$(DATASET)/$(notdir $(results))/$(firstword $(shell cksum <<<$(call quote,$(asked_with))))
tools_make = env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL $(MAKE) --no-print-directory \
  -j$(or $(patsubst -j%,%,$(filter -j%,$(MAKEFLAGS))),$(shell getconf _NPROCESSORS_ONLN)) BUILD=$(BUILD) all

# The runs whose keys the goals need.
asked_runs := $(if $(filter compare scores explain dag $(compare)/%,$(pipeline_goals)),$(RUNS)) \
  $(if $(filter page,$(pipeline_goals)),$(studio_run)) \
  $(filter $(all_runs),$(subst /, ,$(stage_goals) $(filter $(RESULTS)/%,$(pipeline_goals))))
wanted_runs := $(sort $(asked_runs) $(foreach run,$(asked_runs),$(below.$(run))))

# Who only asks what would be done gets nothing fetched; but without the sheet there is no answer.
only_looks := $(findstring n,$(flag_letters))$(filter explain dag,$(MAKECMDGOALS))
not_fetched = echo '$(sheet) is not there yet: $(me) $(DATASET)/data fetches it' >&2; exit 1

# Set by recipes that do something, so that the end can tell.
did = $(eval something_done := yes)
nothing_done = $(if $(something_done),,echo 'Nothing to do: $(DATASET), preset $(PRESET), is up to date')

# An empty one first: what stops its recipe should have the last word, not make about a file that is not there.
$(shell mkdir -p $(call quote,$(keys)) && touch -a $(call quote,$(keys)/stale.mk))
include $(keys)/stale.mk
$(keys)/stale.mk: $(if $(MAKE_RESTARTS),,FORCE) | $(if $(build_goals),$(BUILD)/config.mk)
	$(if $(filter $(BIN),$(TOOLS)),+@$(tools_make) >&2)
	$(if $(filter $(fetched_sets),$(DATASET)),@$(if $(only_looks),$(if $(wildcard $(sheet)),:,$(not_fetched)),$(fetch)))
	@TOOLS=$(call quote,$(TOOLS)) data=$(data) results=$(results) preset=$(PRESET) sheets=$(call quote,$(sheets)) \
	  set_options=$(call quote,$(set)) \
	  data_command=$(call quote,$(subst $(newline), && ,$(call make_data,"$$folder"))) \
	  data_tools=$(call quote,$(data_tools)) data_files=$(call quote,$(data_files)) \
	  runs=$(call quote,$(foreach run,$(wanted_runs),$(run):$(call trainer_of,$(run)):$(call learns_of,$(run)):$(below.$(run)))) \
	  sample_settings=$(call quote,$(sample_settings)) sample_tools=$(call quote,$(sample_tools)) \
	  score_settings=$(call quote,$(score_settings)) score_tools=$(call quote,$(score_tools)) \
	  page_command=$(call quote,$(make_page)) page_tools=$(call quote,$(page_tools)) \
	  page_commands=$(call quote,$(page_commands)) \
	  grid_command=$(call quote,$(make_grid)$(judge:%= && %)) grid_tools=$(call quote,$(grid_tools)) \
	  ROOT=$(ROOT) bash $(ROOT)pipeline/keys.sh $(@D)

$(stale): FORCE

.PHONY: explain
explain: ## say what `make compare` would make, and why
	@plan=$$($(again) -n --trace compare) && \
	  bash $(ROOT)pipeline/explain.sh 'Nothing to do: $(DATASET), preset $(PRESET), is up to date' <<<"$$plan"
