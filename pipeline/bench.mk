# How fast it is here: bench/own.sh measures the tools that were built, bench/ops.c single ops, bench/pairs.sh sets the
# tools beside PyTorch.

#: Beside PyTorch: PYTHON=python3 names a Python that has torch; COMPILED=1 also measures compiled PyTorch, which takes
#: minutes.

PYTHON ?= python3

# RUN:TRAINER, and of what is built on another run its option and that run.
benched = $(foreach run,$1,$(run):$(call trainer_of,$(run))$(if $(below.$(run)),:$(method.$(below.$(run))):$(below.$(run))))

.PHONY: bench bench-ops bench-pytorch bench-scaling
bench: all ## measure a training step of each training run (time, memory), and the time to a first sprite
	@bash bench/own.sh $(BIN) $(call benched,$(all_runs))

bench-scaling: all mpi ## count a step's products and bytes, say how many processes pay, and measure 1, 2 and 4 here
	@bash bench/scaling.sh $(BIN) counted $(call benched,$(filter-out $(runs.tilemaps),$(all_runs)))
	@echo && echo 'As published:' && PRESET=seed bash bench/scaling.sh $(BIN) counted $(call benched,$(published_runs))
	@echo && bash bench/scaling.sh $(BIN) here $(call benched,$(divided_runs))
	@echo && echo 'As published:' && PRESET=seed bash bench/scaling.sh $(BIN) here $(call benched,$(published_runs))

bench-ops: $(OUT)/bench-ops ## measure convolutions and other ops by shape: milliseconds, GFLOP/s, and the processor's peak
	@$<

# With the test programs, so that it keeps compiling.
tests: $(if $(wildcard bench/ops.c),$(OUT)/bench-ops)
$(OUT)/bench-ops: $(OUT)/obj/bench/ops.o $(library)
	$(call say,LINK,$@)$(link) $(probed_libs)

bench-pytorch: all ## compare training steps and sampling with PyTorch's, in turn (PYTHON=one that has torch): medians and ratios
	@bash bench/pairs.sh $(BIN) $(PYTHON)
