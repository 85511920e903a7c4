# Scores of many samples of each training run, and the page that shows everything.

#: Scores: make draws SAMPLES=1000 of each training run once and keeps them (64 with PRESET=smoke; at least 10);
#: SAMPLES=0 skips scores.

SAMPLES ?= $(if $(filter smoke,$(PRESET)),64,1000)
# Fewer (PM_SCORE_LEAST) `score` would refuse after all training.
ifneq ($(shell LC_ALL=C grep -cvE '^(0|[1-9][0-9]+)$$' <<<$(call quote,$(SAMPLES))),0)
$(error SAMPLES=$(SAMPLES): expected a number of samples, at least 10, or 0 for no scores)
endif

# The samples (scored.npy) and what `score` makes of them, even if a sheet has few sprites (--allow-few).
scored_files := scores.tsv nearest.png distances.png
scored := $(if $(filter-out 0,$(SAMPLES)),$(scored_files))
# A training run with a row by class is also scored for class agreement: on an eighth as many samples, guided as in
# that row.
by_class = $(filter by-class,$(call rows_of,$1))
by_class_options = --labels $(labels) --by-class $(results)/$1/scored-by-class.npy --sample-labels each
bits = $(filter $(runs_with_bits),$1)
bits_option = --bits $(results)/$1/bits.npy
score_of = $(TOOLS)/score $(results)/$1/scored.npy --data $(sprites) --model $(results)/$1/model.safetensors --palette \
  $(palette)$(if $(by_class), $(by_class_options))$(if $(bits), $(bits_option))
many_settings := -n $(SAMPLES) -s 1
bits_settings := --draws $(if $(filter smoke,$(PRESET)),1,4) -s 1
many_by_class_settings := -n $(shell echo $$(($(SAMPLES) > 128 ? $(SAMPLES) / 8 : 16))) -s 1
made.scored = $(sample_of) $(below_option)$(many_settings) -o $(results)/$1/scored.npy
made.scored-by-class = $(sample_of) $(below_option)$(many_by_class_settings) $(guided) -o $(results)/$1/scored-by-class.npy
# Models with classes are conditioned on those of the sprites.
bits_labels = $(if $(call learns_of,$1),$(if $(labels), --labels $(labels)))
made.bits = $(sample_of) --bits $(sprites)$(call bits_labels,$1) $(bits_settings) -o $(results)/$1/bits.npy
made.scores = $(score_of) --allow-few$(if $(filter tilemaps,$(DATASET)), --tilemaps) --tsv -o $(results)/$1/scores.tsv \
  --nearest 9 --picture $(results)/$1/nearest.png --plot $(results)/$1/distances.png
samples_scored = scored $(if $(by_class),scored-by-class) $(if $(bits),bits)
scored_from = $(patsubst %,$(results)/$1/%.npy,$(samples_scored))
scoring_of = $(strip $(samples_scored) scores)
score_tools := $(if $(scored),score)
ifdef scored
sample_settings += $(many_settings) $(many_by_class_settings) --bits$(if $(labels), --labels) $(bits_settings)
score_settings = $(call made.scores,RUN)$(if $(labels), $(call by_class_options,RUN)) $(call bits_option,RUN)
endif

$(foreach what,scored scored-by-class,$(eval $(call sampled,$(what))))
$(eval $(call sampled,bits,$(sprites) $(labels)))

# The search for copies takes most of the time and serves all three files.
define score_once
$(addprefix $(results)/$1/,$(scored_files)) &: $(call scored_from,$1) $(results)/$1/scores.key | $(sprites) $(palette) $(labels)
	$$(did)$$(call elsewhere,score,$1,$(addprefix $(results)/$1/,$(scored_files)))$$(call made.scores,$1)
endef
$(foreach run,$(all_runs),$(eval $(call score_once,$(run))))

$(call rows,scores.key): $(results)/%/scores.key: | $(results)/%/model.safetensors
	@cp $(keys)/scores.key $@

# The page names every command shortened: without where tools, makefiles, results and sheets lie, so that equal runs
# give equal pages. configs/ and pipeline/ are the project's, data/ and the runs' folders those of the results. They
# lie in commands.txt, too; here each ends in a tab.
shown_sheet = $(call quote,$(subst |,$(space),$(notdir $(patsubst %/,%,$(subst $(space),|,$1)))))
shown_sheets = $(if $(is_file),$(call shown_sheet,$(sheet)),$(if $(is_pattern),$(call \
  expanded_sheet,shown),$(foreach file,$(sheet),$(call shown_sheet,$(file)))))
drawn = $(if $(sheets),$(subst $(sheets),$(shown_sheets),$1),$1)
typed = $(subst $(ROOT),,$(subst $(TOOLS)/,,$(subst TOOLS=$(TOOLS) ,,$(subst $(results)/,,$(subst $(data)/,data/,$1)))))
command = $(subst $(newline),$(tab),$(call typed,$1))$(tab)
commands_of = $(call command,$(call train,$1)) \
  $(foreach what,$(call rows_of,$1) $(if $(scored),$(scoring_of)),$(call command,$(call made.$(what),$1)))
# Training runs that others are built on are trained, whether or not they are shown.
rested_on = $(sort $(filter-out $(RUNS),$(foreach run,$(RUNS),$(below.$(run)))))
page_commands = $(subst $(tab)$(space),$(tab),$(call command,$(call drawn,$(call make_data,data))) \
  $(foreach run,$(rested_on),$(call command,$(call train,$(run)))) $(foreach run,$(RUNS),$(call commands_of,$(run))) $(call command,$(make_grid) -o $(compare)/grid.png) \
  $(if $(figures),$(call command,$(judge) -o $(figures))))

page := $(compare)/index.html
page_tools := report
make_page = $(TOOLS)/report --title $(call quote,$(DATASET)$(comma) preset $(PRESET)) --grid $(compare)/grid.png \
  $(if $(figures),--figures $(figures) )--commands $(compare)/commands.txt \
  $(foreach run,$(RUNS),--caption $(call quote,$(title.$(run))) $(results)/$(run))

shown := $(compare)/grid.png $(figures) $(compare)/commands.txt \
  $(foreach run,$(RUNS),$(addprefix $(results)/$(run)/,model.safetensors $(scored)))
$(page): $(shown) $(compare)/page.key
	$(did)$(make_page) -o $@

# The key of the page contains the commands.
$(compare)/commands.txt: $(compare)/page.key
	@cp $(keys)/commands.txt $@

$(compare)/page.key:
	@mkdir -p $(@D)
	@cp $(keys)/page.key $@

# The losses of those training runs of the comparison that have begun, in the terminal and as a picture; trains nothing.
begun = $(strip $(foreach run,$(RUNS),$(if $(wildcard $(results)/$(run)/metrics.tsv),$(run))))
.PHONY: curves
curves: ## show the losses of the comparison's training runs, in the terminal and as a picture
	$(if $(begun),,@echo 'There are no training runs in $(results) yet; $(me) compare makes some' >&2; exit 1)
	@mkdir -p $(compare)
	@$(plot_curves) -o $(compare)/curves.png
	@$(plot_curves) --terminal
	@echo 'Look at $(compare)/curves.png'
plot_curves = $(TOOLS)/plot-curves --apart $(foreach run,$(begun),--caption $(call quote,$(title.$(run))) $(results)/$(run))

#: Tracking: make compare TRACK=http://127.0.0.1:5000 sends all training runs to an MLflow server, too.

TRACK ?=
ifneq ($(TRACK),)
ifeq ($(filter http://% https://%,$(TRACK)),)
$(error TRACK=$(TRACK): expected the address of an MLflow server, http://HOST:PORT)
endif
ifneq ($(findstring @,$(TRACK)),)
$(error TRACK: credentials do not belong into the address; give them as MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD)
endif
endif
# The last thing of all: whatever comes of it, the results are made.
track_runs = TOOLS=$(TOOLS) me='$(me)' bash $(ROOT)pipeline/track.sh $(call quote,$(TRACK)) $(call quote,$(DATASET)$(comma) preset $(PRESET)$(SEED:%=$(comma) \
  seed %)) $(foreach run,$(RUNS),$(call quote,$(results)/$(run)=$(title.$(run))))

dag_file := $(if $(ROOT),$(RESULTS)/$(DATASET)/dag,$(BUILD)/dag/$(DATASET))
.PHONY: compare dag
compare: $(page) $(costs) $(RUNS:%=$(results)/%/curves.png) ## train all methods on the data set and show them side by side: a picture and a page
	@$(nothing_done)
	@$(if $(something_done),column -t -s $$'\t' $(costs) 2>/dev/null || cat $(costs),:)
	@echo 'Look at $(page), or at $(compare)/grid.png$(figures:%= and %) alone'
	$(if $(TRACK),@$(track_runs))

# The graph of what `make compare` makes, from make's own list of rules.
dag: ## draw the graph of the pipeline (as a picture with graphviz, else as text)
	@mkdir -p $(dir $(dag_file))
	@{ $(again) -npq compare 2>/dev/null || true; } | \
	  awk -v root='$(RESULTS)/$(DATASET)/' -v goal='$(page)' -f $(ROOT)pipeline/dag.awk >$(dag_file).dot
	@if command -v dot >/dev/null; then \
	  dot -Tsvg $(dag_file).dot -o $(dag_file).svg; \
	  echo 'Look at $(dag_file).svg'; \
	else \
	  echo 'Look at $(dag_file).dot; with graphviz installed it becomes a picture'; \
	fi
