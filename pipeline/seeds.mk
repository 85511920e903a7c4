# The same runs trained again with other seeds: what a recipe gets, and how far apart its trainings lie.

#: Several trainings: make seeds trains and scores all runs with these seeds, too: SEEDS="2 3". SEED=2 with any goal is about
#: one of them, in runs/DATASET/PRESET-seed2.

SEEDS ?= 2 3
ifneq ($(filter seeds,$(MAKECMDGOALS)),)
ifneq ($(shell LC_ALL=C grep -cvE '^([0-9]+ *)+$$' <<<$(call quote,$(SEEDS))),0)
$(error SEEDS=$(SEEDS): expected seeds, as "2 3")
endif
endif

.PHONY: scores seeds
scores: $(foreach run,$(RUNS),$(addprefix $(results)/$(run)/,$(scored))) ## train and score all runs, without pictures and page
	@$(nothing_done)

seeds: ## train all runs again with other seeds: means and ranges of their scores
	+@for seed in '' $(SEEDS); do $(MAKE) --no-print-directory SEED=$$seed scores; done
	@bash pipeline/seeds.sh '$(strip $(RUNS))' $(results) $(SEEDS:%=$(results)-seed%) >$(results)/seeds.md.new
	@mv $(results)/seeds.md.new $(results)/seeds.md
	@cat $(results)/seeds.md
	@echo 'It lies in $(results)/seeds.md'
