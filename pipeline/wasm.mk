# The library compiled to WebAssembly, for the page of studio.mk, and the program that puts the page together.

#: WebAssembly: WASM_CC=clang, WASM_FLAGS="--sysroot=…" where the C library for it (wasi-libc) is not where Debian has it.

WASM_CC ?= clang
WASM_FLAGS ?=

# Of the library what sampling and the search for copies need; no file, no thread, no library of others.
wasm_flags := --target=wasm32-wasi -isystem /usr/include/wasm32-wasi -O2 -msimd128 -std=c11 -D_GNU_SOURCE -ffp-contract=off \
  -fno-math-errno -fno-trapping-math -Ilib -I. $(WASM_FLAGS)
wasm_sources := $(sort $(filter-out lib/backend/plugin.c,$(wildcard lib/nn/*.c lib/methods/*.c lib/backend/*.c lib/backend/cpu/*.c))) lib/io/palette.c lib/io/tensor.c lib/pixels/tiling.c \
  $(addprefix lib/core/,fail.c memory.c number.c random.c option_values.c) $(addprefix lib/train/,hints.c inference.c likeliest_class.c seam.c) \
  $(addprefix lib/eval/,copies.c colour_matching.c shared_bits.c) $(addprefix studio/,studio.c page_model.c tasks_single.c no_plugins.c)
wasm_objects := $(patsubst %.c,$(OUT)/wasm/%.o,$(wasm_sources) $(ops_sources) $(tier_sources) lib/backend/cpu/tiers/bf16_amx.c)
$(OUT)/wasm/lib/nn/ops/%.o: wasm_flags += -DPM_REAL_TYPE=float
$(OUT)/wasm/lib/backend/cpu/tiers/%.o: wasm_flags += -O3 -DPM_TIER=baseline
$(OUT)/wasm/lib/backend/cpu/tiers/bf16_amx.o: wasm_flags += -UPM_TIER -DPM_TIER=amxplain

$(OUT)/wasm/flags: $(call unless_it_says,$(OUT)/wasm/flags,$(WASM_CC) $(wasm_flags))
	@bash studio/probe.sh $(WASM_CC) $(wasm_flags)
	@mkdir -p $(@D) && printf '%s\n' $(call quote,$(WASM_CC) $(wasm_flags)) >$@

$(OUT)/wasm/%.o: %.c $(OUT)/wasm/flags
	$(call say,WASM,$<)mkdir -p $(@D); $(WASM_CC) $(wasm_flags) -MMD -MP -c $< -o $@

$(OUT)/wasm/studio.wasm: $(wasm_objects)
	$(call say,LINK,$@)$(WASM_CC) $(wasm_flags) -mexec-model=reactor -Wl,--gc-sections,--strip-all,--stack-first,-z,stack-size=1048576 \
	  -o $@ $(wasm_objects)

# Here, where it is compiled; studio.mk has a make of its own do it.
$(OUT)/obj/studio/%.o: compile += -I.
$(page_maker): $(OUT)/obj/studio/make-page.o $(library)
	$(call say,LINK,$@)mkdir -p $(@D); $(link) $(probed_libs)

.PHONY: studio-parts
studio-parts: $(OUT)/wasm/studio.wasm $(page_maker)
	@:

-include $(wildcard $(wasm_objects:.o=.d))
