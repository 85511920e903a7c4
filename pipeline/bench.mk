# How fast it is here: bench/own.sh measures the tools that were built, bench/ops.c single ops, bench/pairs.sh sets the
# tools beside PyTorch.

PYTHON ?= python3

.PHONY: bench bench-ops bench-pytorch
bench: all ## measure a training step of each training run (time, memory), and the time to a first sprite
	@bash bench/own.sh $(BIN) $(foreach run,$(all_runs),$(run):$(call trainer_of,$(run))$(if \
	  $(below.$(run)),:$(method.$(below.$(run))):$(below.$(run))))

bench-ops: $(OUT)/bench-ops ## measure convolutions and other ops by shape: milliseconds, GFLOP/s, and the processor's peak
	@$<

$(OUT)/bench-ops: $(OUT)/obj/bench/ops.o $(library)
	$(call say,LINK,$@)$(link) $(probed_libs)

bench-pytorch: all ## compare training steps and sampling with PyTorch's, in turn (PYTHON=one that has torch): medians and ratios
	@bash bench/pairs.sh $(BIN) $(PYTHON)
