# How fast it is here: bench/own.sh measures the tools that were built.

.PHONY: bench
bench: all ## time and memory of a training step of each run, and of a first sprite
	@bash bench/own.sh $(BIN) $(foreach run,$(all_runs),$(run):$(call trainer_of,$(run)))
