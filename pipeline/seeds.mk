# Training runs repeated with other seeds: how a recipe scores, and how much its training runs differ.

#: Several seeds: make seeds trains and scores everything also with SEEDS="2 3". SEED=2 with any goal is about that seed
#: alone, in runs/DATASET/PRESET-seed2.

SEEDS ?= 2 3
ifneq ($(filter seeds,$(MAKECMDGOALS)),)
ifneq ($(shell LC_ALL=C grep -cvE '^ *((0|[1-9][0-9]*)( +|$$))+$$' <<<$(call quote,$(SEEDS))),0)
$(error SEEDS=$(SEEDS): expected seeds, as "2 3")
endif
ifneq ($(words $(SEEDS)),$(words $(sort $(SEEDS))))
$(error SEEDS=$(SEEDS): $(firstword $(foreach seed,$(SEEDS),$(if $(word 2,$(filter $(seed),$(SEEDS))),$(seed)))) is there twice)
endif
ifneq ($(SEED),)
$(error SEED=$(SEED): $(me) seeds takes SEEDS; SEED is for one training)
endif
ifeq ($(scored),)
$(error SAMPLES=$(SAMPLES): $(me) seeds is about scores, so it needs samples)
endif
endif
ifneq ($(and $(filter seed=%,$(SET)),$(SEED)$(filter seeds,$(MAKECMDGOALS))),)
$(error SET: $(filter seed=%,$(SET)): the seed is for SEED and SEEDS to say here)
endif

# The first training run has the configs' seed, which the trainers print.
define not_the_first
own=$$($(call settings_of_runs,seed,$(RUNS))); \
for seed in $$own; do \
  for other in $(SEEDS); do \
    if [ "$$other" = "$$seed" ]; then \
      echo 'SEEDS=$(SEEDS): '"$$seed is the seed of the first training, that of the configs; give others" >&2; exit 1; \
    fi; \
  done; \
done
endef

.PHONY: scores seeds
scores: $(foreach run,$(RUNS),$(addprefix $(results)/$(run)/,$(scored))) ## train and score everything, without pictures and page
	@$(nothing_done)

seeds: ## train everything again with other seeds: means and ranges of the scores
	+@$(not_the_first)
	+@for seed in '' $(SEEDS); do $(again) SEED=$$seed scores; done
	@bash $(ROOT)pipeline/seeds.sh '$(strip $(RUNS))' $(results) $(SEEDS:%=$(results)-seed%) >$(results)/seeds.md.new
	@mv $(results)/seeds.md.new $(results)/seeds.md
	@cat $(results)/seeds.md
	@echo 'It lies in $(results)/seeds.md'
