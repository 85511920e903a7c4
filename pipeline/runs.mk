# Training runs: a RUN is a config of configs/ trained on a data set; its folder is runs/DATASET/PRESET/RUN.

#: Presets: PRESET=smoke (seconds), default (minutes), seed (as long as the published recipe).
#: SET="training.steps=500 training.batch=8" overrides settings of all training runs.
#: VARIANT=NAME keeps them apart, in runs/DATASET/PRESET-NAME.
#: DEVICE=cuda (or cuda:N, auto) trains and samples on that device; what is up to date stays, whatever made it.
#: One stage: make builtin/vae-mse brings it up to date, make -B builtin/vae-mse makes it again from the start.

PRESET ?= default
# The trainers look for configs/ here first, then where these makefiles lie (lib/core/installation.h).
presets := $(sort $(basename $(notdir $(wildcard configs/presets/*.yaml $(ROOT)configs/presets/*.yaml))))
ifeq ($(filter $(presets),$(PRESET)),)
$(error PRESET=$(PRESET): there is none of that name, only $(presets))
endif

# Trained with another seed than the configs', a run lies beside its twin.
ifneq ($(SEED),)
ifneq ($(shell LC_ALL=C grep -cvE '^[0-9]+$$' <<<$(call quote,$(SEED))),0)
$(error SEED=$(SEED): expected a number)
endif
endif
ifneq ($(VARIANT),)
ifneq ($(shell LC_ALL=C grep -cvE '^[-A-Za-z0-9._]+$$' <<<$(call quote,$(VARIANT))),0)
$(error VARIANT=$(VARIANT): expected a name of letters, digits, dots, underscores and hyphens)
endif
endif
results := $(RESULTS)/$(DATASET)/$(PRESET)$(SEED:%=-seed%)$(VARIANT:%=-%)
# -B starts over even where a checkpoint would do; else a run resumes, or starts over when its key is another one.
how_to_start = $(if $(findstring B,$(flag_letters)),--fresh,--restart)

models := $(all_runs:%=$(results)/%/model.safetensors)

classes_for = $(if $(and $(call learns_of,$1),$(labels)),--labels $(labels) $(if $(names),--class-names $(names) ))

# Settings over config and preset: what a data set brings for a preset (settings.DATASET.PRESET), and what the user
# says.
settings := $(settings.$(DATASET).$(PRESET)) $(SEED:%=seed=%) $(SET)
set = $(foreach setting,$(settings),--set $(call quote,$(setting)) )
on_device = $(if $(DEVICE),--device $(call argument,$(DEVICE)) )
train = $(TOOLS)/$(call trainer_of,$1) $(on_device)-c configs/$1.yaml --preset $(PRESET) $(set)--data $(sprites) --palette $(palette) \
  $(call below_option,$1)$(call classes_for,$1)-o $(results)/$1

# The data are in the key by their hash, so the files' times do not matter; nor does the trainer's. The key of the
# run below is in that of the one built on it.
$(models): $(results)/%/model.safetensors: $(results)/%/key | $(sprites) $(palette) $(labels) $(names)
	$(did)$(call elsewhere,train,$*,$@)$(call train,$*) $(how_to_start)$(if $(THREADS), -t $(THREADS))

$(foreach run,$(all_runs),$(if $(below.$(run)),$(eval \
  $(results)/$(run)/model.safetensors: | $(results)/$(below.$(run))/model.safetensors)))

$(all_runs:%=$(results)/%/key): $(results)/%/key:
	@mkdir -p $(@D)
	@cp $(keys)/$*.key $@

# The losses of a training run, drawn when it is complete; make curves shows those of one that goes on.
$(all_runs:%=$(results)/%/curves.png): $(results)/%/curves.png: $(results)/%/model.safetensors
	$(did)$(TOOLS)/plot-curves --caption $(call quote,$(title.$*)) $(results)/$* -o $@

.PHONY: $(all_runs:%=$(DATASET)/%)
$(all_runs:%=$(DATASET)/%): $(DATASET)/%: $(results)/%/curves.png
	@$(nothing_done)
	@echo 'Look at $(results)/$*'
