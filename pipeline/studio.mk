# The page that draws with a model (docs/studio.md); wasm.mk makes what it is made with.

#: Page: RUNS="ddpm-palette" picks another run whose sprites are in a palette than the patch transformer. make setup
#: PAGE=1 installs the compiler to WebAssembly that it needs.

# In the source tree they are made; elsewhere they are there, installed or in the tree that they were made in.
ifeq ($(ROOT),)
studio_parts := $(OUT)/wasm/studio.wasm $(page_maker)
else
studio_parts := $(or $(wildcard $(ROOT)studio/studio.wasm),$(TOOLS)/../wasm/studio.wasm) $(TOOLS)/make-page
endif

studio_run := $(firstword $(filter $(RUNS),$(runs_with_bits)))
studio_page := $(results)/$(studio_run)/studio.html
ifneq ($(filter page,$(MAKECMDGOALS)),)
ifeq ($(studio_run),)
$(error RUNS=$(RUNS): a page draws with a run whose sprites are in a palette, one of $(runs_with_bits))
endif
missing_parts := $(if $(ROOT),$(filter-out $(wildcard $(studio_parts)),$(studio_parts)))
ifneq ($(missing_parts),)
$(error $(firstword $(missing_parts)) is not there: this pixelmill was built without the page (make install PAGE=1 has it))
endif
endif

# What is compiled is brought up to date by a make of its own, as the tools are.
ifeq ($(ROOT),)
.PHONY: studio-parts
studio-parts:
	+@$(patsubst all,$@,$(tools_make)) >&2
$(studio_parts): studio-parts ;
endif

make_studio = $(lastword $(studio_parts)) $(results)/$(studio_run)/model.safetensors --data $(sprites) \
  --wasm $(firstword $(studio_parts)) --title $(call quote,$(DATASET)$(comma) $(title.$(studio_run))) \
  --rounded $(results)/$(studio_run)/studio.safetensors -o $@
$(studio_page): $(results)/$(studio_run)/model.safetensors $(studio_parts) $(wildcard $(ROOT)studio/*.html $(ROOT)studio/*.css $(ROOT)studio/*.js) | $(sprites)
	$(did)$(make_studio)

.PHONY: page
page: $(studio_page) ## write a page that draws with the model in a browser, without a server
	@$(nothing_done)
	@echo 'Look at $(studio_page)'

