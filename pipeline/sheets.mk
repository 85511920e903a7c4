# What came as a sheet goes back as one, samples.png: sixteen new sprites of each run without gaps, each pixel once,
# with their transparency. All are in the palette's colours: snapped, where a run's samples are not in it by
# themselves.

with_snapped := $(foreach run,$(all_runs),$(if $(filter snapped,$(call rows_of,$(run))),$(run)))
sheet_of = $(did)$(TOOLS)/montage -q --scale 1 --gap 0 --columns 8 --keep-alpha $< -o $@

$(with_snapped:%=$(results)/%/samples.png): $(results)/%/samples.png: $(results)/%/snapped.npy
	$(sheet_of)

$(filter-out $(with_snapped:%=$(results)/%/samples.png),$(all_runs:%=$(results)/%/samples.png)): \
  $(results)/%/samples.png: $(results)/%/samples.npy
	$(sheet_of)

# best.png, likewise a sheet: those of the samples drawn for the scores that are best to show. A selection looks better
# than the model is, so no score is ever of it.
best_wanted := $(if $(filter smoke,$(PRESET)),16,64)
$(call rows,best.png): $(results)/%/best.png: $(results)/%/scored.npy $(results)/%/scores.key | $(sprites) $(palette)
	$(did)TOOLS=$(TOOLS) bash $(ROOT)pipeline/best.sh $(best_wanted) $< $(sprites) $(@D)/model.safetensors $(palette) -o $@

ifneq ($(sheets),)
sheets_of_run = samples.png $(if $(scored),best.png)
compare: $(foreach run,$(RUNS),$(addprefix $(results)/$(run)/,$(sheets_of_run)))
endif
