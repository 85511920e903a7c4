# What the source tree begins and ends with.

.PHONY: setup clean
setup: ## install what is missing: compiler, libraries, bats
	@PAGE=$(call on,PAGE) bash pipeline/setup.sh
	@rm -f $(BUILD)/config.mk # so that the next make looks for the libraries again
	$(if $(call on,CUDA),@bash pipeline/cuda-setup.sh)

clean: ## remove what was built; never touches runs/
	rm -rf $(BUILD)

# Other goals beside `setup` need what it installs already while the makefiles are read (the probe looks for the
# libraries), so they are relayed to a second make that starts when `setup` is done.
relayed_goals := $(if $(filter setup,$(MAKECMDGOALS)),$(filter-out setup,$(MAKECMDGOALS)))
ifneq ($(relayed_goals),)
.PHONY: $(relayed_goals)
$(relayed_goals) &: setup
	+@$(MAKE) --no-print-directory $(relayed_goals)
endif
