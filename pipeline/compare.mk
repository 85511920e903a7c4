# The comparison: rows of sprites of all runs in one picture.

#: Comparison: RUNS="vae-mse vae-bce" picks the runs (all of them; DATA=tilemaps has runs of its own).

RUNS ?= $(default_runs)
ifneq ($(filter-out $(all_runs),$(RUNS)),)
$(error RUNS: $(filter-out $(all_runs),$(RUNS)): no such run; there are $(all_runs))
endif

samples_wanted := 16
scale := $(if $(filter tilemaps,$(DATASET)),2,4)
compare := $(results)/compare

# Rows, by what they are called in methods.mk. Each depends on the model and on the key of these commands.
rows = $(all_runs:%=$(results)/%/$1)

$(call rows,reconstructed.npy): $(results)/%/reconstructed.npy: $(results)/%/model.safetensors $(results)/%/samples.key | $(real)
	$(did)$(TOOLS)/sample $< --reconstruct $(real) -o $@

$(call rows,samples.npy): $(results)/%/samples.npy: $(results)/%/model.safetensors $(results)/%/samples.key
	$(did)$(TOOLS)/sample $< $(call below_option,$*)-n $(samples_wanted) -s 1 -o $@

$(call rows,by-class.npy): $(results)/%/by-class.npy: $(results)/%/model.safetensors $(results)/%/samples.key
	$(did)$(TOOLS)/sample $< $(call below_option,$*)$(by_class_settings) -o $@

$(call rows,snapped.npy): $(results)/%/snapped.npy: $(results)/%/samples.npy $(results)/%/samples.key | $(palette)
	$(did)$(TOOLS)/snap --palette $(palette) $< -o $@

# The published listing's sampler, which does nothing until its last run, and the one that its text means.
$(call rows,printed.npy): $(results)/%/printed.npy: $(results)/%/model.safetensors $(results)/%/samples.key
	$(did)$(TOOLS)/sample $< $(call below_option,$*)$(printed_settings) -o $@

$(call rows,blended.npy): $(results)/%/blended.npy: $(results)/%/model.safetensors $(results)/%/samples.key
	$(did)$(TOOLS)/sample $< $(call below_option,$*)$(blended_settings) -o $@

printed_settings := -n $(samples_wanted) -s 1 --sampler printed
blended_settings := -n $(samples_wanted) -s 1 --sampler blend
by_class_settings := -n $(samples_wanted) -s 1 --class each --guidance-scale 2
sample_settings := -n $(samples_wanted) -s 1 $(by_class_settings) $(printed_settings) $(blended_settings)
sample_tools := sample snap

$(call rows,samples.key): $(results)/%/samples.key: | $(results)/%/model.safetensors
	@cp $(keys)/$*.samples.key $@

words.reconstructed := reconstructed
words.samples := sampled
words.printed := sampled as printed
words.blended := sampled by blending
words.snapped := sampled and snapped
words.by-class := a class each, guided
words_of = $(or $(words.$(method.$1).$2),$(words.$2))
grid_rows := $(real) $(foreach run,$(RUNS),$(foreach row,$(call rows_of,$(run)),$(results)/$(run)/$(row).npy))
made_rows := $(foreach run,$(RUNS),$(foreach row,$(call rows_of,$(run)),--caption \
  $(call quote,$(title.$(run)) $(call words_of,$(run),$(row))) $(results)/$(run)/$(row).npy))
make_grid = $(TOOLS)/montage --scale $(scale) --columns $(samples_wanted) --caption $(call \
  quote,$(DATASET): real) $(real) $(made_rows)
grid_tools := montage

# The generator of the tilemaps is known, so their figures come with the picture.
ifeq ($(DATASET),tilemaps)
figures := $(compare)/figures.tsv
judge = $(TOOLS)/draw-tilemaps --judge --tsv $(made_rows)
grid_tools += draw-tilemaps
$(figures): $(grid_rows) $(compare)/key
	$(did)$(judge) -o $@
endif

$(compare)/grid.png: $(grid_rows) $(compare)/key
	$(did)$(make_grid) -o $@

$(compare)/key:
	@mkdir -p $(@D)
	@cp $(keys)/compare.key $@

# Parameters and times, measured on this machine when the picture is made.
costs := $(compare)/costs.tsv
$(costs): $(compare)/grid.png
	$(did)TOOLS=$(TOOLS) bash pipeline/costs.sh $(results) $(foreach run,$(RUNS),$(call \
	  quote,$(run):$(call below_option,$(run)))) >$@.new && mv $@.new $@

.PHONY: compare
compare: $(compare)/grid.png $(figures) $(costs) ## from the data set to a picture of all methods side by side
	@$(nothing_done)
	@$(if $(something_done),column -t -s $$'\t' $(costs) 2>/dev/null || cat $(costs),:)
	@echo 'Look at $(compare)/grid.png$(figures:%= and %)'
