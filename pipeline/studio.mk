# The page that draws with a model (docs/studio.md); wasm.mk makes what it is made with.

#: Page: RUNS="ddpm-palette" picks another run whose sprites are in a palette than the patch transformer. make setup
#: PAGE=1 installs the compiler to WebAssembly that it needs.

studio_parts := $(OUT)/wasm/studio.wasm $(OUT)/studio/make-page

studio_run := $(firstword $(filter $(RUNS),$(runs_with_bits)))
studio_page := $(results)/$(studio_run)/studio.html
ifneq ($(filter page,$(MAKECMDGOALS)),)
ifeq ($(studio_run),)
$(error RUNS=$(RUNS): a page draws with a run whose sprites are in a palette, one of $(runs_with_bits))
endif
endif

# What is compiled is brought up to date by a make of its own, as the tools are.
.PHONY: studio-parts
studio-parts:
	+@$(patsubst all,$@,$(tools_make)) >&2
$(studio_parts): studio-parts ;

make_studio = $(OUT)/studio/make-page $(results)/$(studio_run)/model.safetensors --data $(sprites) \
  --wasm $(OUT)/wasm/studio.wasm --title $(call quote,$(DATASET)$(comma) $(title.$(studio_run))) \
  --rounded $(results)/$(studio_run)/studio.safetensors -o $@
$(studio_page): $(results)/$(studio_run)/model.safetensors $(studio_parts) $(wildcard studio/*.html studio/*.css studio/*.js) | $(sprites)
	$(did)$(make_studio)

.PHONY: page
page: $(studio_page) ## write a page that draws with the model in a browser, without a server
	@$(nothing_done)
	@echo 'Look at $(studio_page)'

