# What came as a sheet goes back as one, samples.png: the new sprites of each run without gaps, each pixel once, with their
# transparency. All are in the palette's colours: snapped, where a run's samples are not in it by themselves.

with_snapped := $(foreach run,$(all_runs),$(if $(filter snapped,$(call rows_of,$(run))),$(run)))
sheet_of = $(did)$(TOOLS)/montage -q --scale 1 --gap 0 --columns 8 --keep-alpha $< -o $@

$(with_snapped:%=$(results)/%/samples.png): $(results)/%/samples.png: $(results)/%/snapped.npy
	$(sheet_of)

$(filter-out $(with_snapped:%=$(results)/%/samples.png),$(all_runs:%=$(results)/%/samples.png)): \
  $(results)/%/samples.png: $(results)/%/samples.npy
	$(sheet_of)

ifneq ($(sheets),)
compare: $(RUNS:%=$(results)/%/samples.png)
endif
