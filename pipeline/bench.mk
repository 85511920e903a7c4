# How fast it is here: bench/own.sh measures the tools that were built, bench/pairs.sh sets them beside PyTorch.

PYTHON ?= python3

.PHONY: bench bench-pytorch
bench: all ## time and memory of a training step of each run, and of a first sprite
	@bash bench/own.sh $(BIN) $(foreach run,$(all_runs),$(run):$(call trainer_of,$(run))$(if \
	  $(below.$(run)),:$(method.$(below.$(run))):$(below.$(run))))

bench-pytorch: all ## training steps and sampling in turn with PyTorch's (PYTHON=one that has torch): medians and ratios
	@bash bench/pairs.sh $(BIN) $(PYTHON)
