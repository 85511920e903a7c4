# A grid of settings: each point is a training run as any other, in runs/DATASET/PRESET-POINT.

#: Sweeps: make sweep RUNS=vae-mse SETS="model.latent=16|32 training.batch=16|32" trains every combination, and writes a
#: table and a page of all. SETS=FILE has a line a combination, or a grid a line. -j8 keeps eight in flight.

ifneq ($(filter sweep,$(MAKECMDGOALS)),)
ifneq ($(VARIANT),)
$(error VARIANT=$(VARIANT): $(me) sweep names its variants itself, after SETS)
endif
sweep_grid := $(shell bash $(ROOT)pipeline/sweep.sh grid $(call quote,$(SETS)) $(call quote,$(SET)) | tr '\t\n' '\1 ')
ifneq ($(.SHELLSTATUS),0)
$(error SETS is no grid of settings)
endif
endif
# A point is NAME, \1, and its settings with \1 between them.
soh := $(shell printf '\1')
point_words = $(subst $(soh),$(space),$1)
point_name = $(firstword $(call point_words,$1))
point_settings = $(wordlist 2,$(words $(call point_words,$1)),$(call point_words,$1))
sweep_of = $(RESULTS)/$(DATASET)/$(PRESET)$(SEED:%=-seed%)
sweep_points := $(foreach point,$(sweep_grid),sweep/$(call point_name,$(point)))
sweep_page = $(sweep_of)-sweep

# Everything but the data at once, which all share. A point that fails (a learning rate too high) leaves its mark, and the
# others go on.
define sweep_point
.PHONY: sweep/$(call point_name,$1)
sweep/$(call point_name,$1): | sweep-data
	+@mkdir -p $$(sweep_page)/failed && rm -f $$(sweep_page)/failed/$(call point_name,$1)
	+@$$(again) VARIANT=$(call point_name,$1) SET=$$(call quote,$$(strip $$(SET) $(call point_settings,$1))) SETS= \
	  $$(RUNS:%=$$(DATASET)/%) $$(if $$(scored),scores) || \
	  : >$$(sweep_page)/failed/$(call point_name,$1)
endef
$(foreach point,$(sweep_grid),$(eval $(call sweep_point,$(point))))

.PHONY: sweep sweep-data
sweep-data:
	@preset=$(PRESET) TOOLS=$(call quote,$(TOOLS)) bash $(ROOT)pipeline/sweep.sh check $(call quote,$(foreach run,$(RUNS),$(run):$(call \
	  trainer_of,$(run)))) $(foreach point,$(sweep_grid),$(call quote,$(strip $(SET) $(call point_settings,$(point)))))
	+@$(again) SETS= $(DATASET)/data >/dev/null

sweep: $(sweep_points) ## train a grid of settings (SETS): a table and a page of all
	@mkdir -p $(sweep_page)
	@bash $(ROOT)pipeline/sweep.sh table $(sweep_of) $(call quote,$(RUNS)) $(foreach point,$(sweep_grid),$(call quote,$(call \
	  point_name,$(point)) $(call point_settings,$(point)))) >$(sweep_page)/table.md.new
	@mv $(sweep_page)/table.md.new $(sweep_page)/table.md
	@TOOLS=$(call quote,$(TOOLS)) bash $(ROOT)pipeline/sweep.sh page $(sweep_of) $(call quote,$(RUNS)) $(call \
	  quote,$(DATASET)$(comma) preset $(PRESET): a sweep) $(foreach point,$(sweep_grid),$(call quote,$(call \
	  point_name,$(point)) $(call point_settings,$(point))))
	@cat $(sweep_page)/table.md
	@echo 'Look at $(sweep_page)/index.html; the table lies beside it'
	@bash $(ROOT)pipeline/sweep.sh failed $(sweep_page) $(foreach point,$(sweep_grid),$(call point_name,$(point)))
