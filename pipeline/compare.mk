# The comparison: rows of sprites of all runs in one picture.

#: Comparison: RUNS="vae-mse vae-bce" chooses the training runs (default: all; DATA=tilemaps has others). ROWS=all shows
#: all rows of a training run, also the samples before snapping.

RUNS ?= $(default_runs)
ifneq ($(filter-out $(all_runs),$(RUNS)),)
$(error RUNS: $(filter-out $(all_runs),$(RUNS)): no such run; there are $(all_runs))
endif

ROWS ?= shown
ifneq ($(filter-out shown all,$(or $(ROWS),shown)),)
$(error ROWS=$(ROWS): expected all, or shown)
endif

samples_wanted := 16
scale := $(if $(filter tilemaps,$(DATASET)),2,4)
compare := $(results)/compare

# What is made of a run's model lies beside it as NAME.npy; made.NAME is the command, for run $1. Rows of the picture
# are called so in methods.mk.
rows = $(all_runs:%=$(results)/%/$1)
sample_of = $(TOOLS)/sample $(on_device)$(results)/$1/model.safetensors
made.reconstructed = $(sample_of) --reconstruct $(real) -o $(results)/$1/reconstructed.npy
made.samples = $(sample_of) $(below_option)$(samples_settings) -o $(results)/$1/samples.npy
made.by-class = $(sample_of) $(below_option)$(by_class_settings) $(guided) -o $(results)/$1/by-class.npy
made.snapped = $(TOOLS)/snap --palette $(palette) $(results)/$1/samples.npy -o $(results)/$1/snapped.npy
# The sampler of the published listing, which does nothing until its last step, and the one that its text describes.
made.printed = $(sample_of) $(below_option)$(printed_settings) -o $(results)/$1/printed.npy
made.blended = $(sample_of) $(below_option)$(blended_settings) -o $(results)/$1/blended.npy

# The rule of NAME ($1), if it comes straight from the model; files that are read besides ($2) were there before it.
define sampled
$(call rows,$1.npy): $(results)/%/$1.npy: $(results)/%/model.safetensors $(results)/%/samples.key | $2
	$$(did)$$(call elsewhere,sample,$$*,$$@)$$(call made.$1,$$*)
endef
$(eval $(call sampled,reconstructed,$(real)))
$(foreach row,samples by-class printed blended,$(eval $(call sampled,$(row))))

$(call rows,snapped.npy): $(results)/%/snapped.npy: $(results)/%/samples.npy $(results)/%/samples.key | $(palette)
	$(did)$(call made.snapped,$*)

samples_settings := -n $(samples_wanted) -s 1
printed_settings := -n $(samples_wanted) -s 1 --sampler printed
blended_settings := -n $(samples_wanted) -s 1 --sampler blend
guided = --class each$(if $(guidance.$1), $(guidance.$1))
by_class_settings := -n $(samples_wanted) -s 1
sample_settings := $(samples_settings) $(by_class_settings) $(all_guidance) $(printed_settings) $(blended_settings)
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

# The generator of the tilemaps is known, so the picture comes with statistics of the maps.
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
	$(did)TOOLS=$(TOOLS) bash $(ROOT)pipeline/costs.sh $(results) $(foreach run,$(RUNS),$(call \
	  quote,$(run):$(call below_option,$(run)))) >$@.new && mv $@.new $@
