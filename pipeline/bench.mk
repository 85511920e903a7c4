# How fast it is here: bench/own.sh measures the tools that were built, bench/pairs.sh sets them beside PyTorch.

PYTHON ?= python3

.PHONY: bench bench-pytorch
bench: all ## measure a training step of each training run (time, memory), and the time to a first sprite
	@bash bench/own.sh $(BIN) $(foreach run,$(all_runs),$(run):$(call trainer_of,$(run))$(if \
	  $(below.$(run)),:$(method.$(below.$(run))):$(below.$(run))))

bench-pytorch: all ## compare training steps and sampling with PyTorch's, in turn (PYTHON=one that has torch): medians and ratios
	@bash bench/pairs.sh $(BIN) $(PYTHON)
