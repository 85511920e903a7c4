# The cuda backend: as a plugin for cards, and as a part of the test programs, on the processor.

cuda_kernels := $(sort $(wildcard lib/backend/cuda/*.cu))
cuda_sources := $(filter-out lib/backend/cuda/plugin%.c lib/backend/cuda/cud%_libraries.c,$(sort $(wildcard lib/backend/cuda/*.c)))

# ---- on the processor: the same sources, with the headers of tests/cuda/emulation in the place of CUDA's

CXX := $(if $(filter default undefined,$(origin CXX)),c++,$(CXX))
emulation := tests/cuda/emulation
emulated_objects := $(patsubst %.cu,$(OUT)/obj/emulated/%.o,$(cuda_kernels)) \
  $(patsubst %.c,$(OUT)/obj/emulated/%.o,$(cuda_sources) $(wildcard $(emulation)/*.c)) \
  $(patsubst %.cc,$(OUT)/obj/emulated/%.o,$(wildcard $(emulation)/*.cc))
emulated_library := $(OUT)/libpixelmill-cuda-emulated.a
emulated_flags = $(filter-out -std=c11,$(subst -Ilib,-I$(emulation) -Ilib -I.,$(pm_cflags))) $(CPPFLAGS) $(CFLAGS)
compile_emulated = $(CXX) -std=c++17 -Wno-unused-function -Wno-missing-field-initializers $(emulated_flags)

$(OUT)/obj/emulated/%.o: %.cu $(OUT)/flags
	$(call say,CXX,$< (emulated))mkdir -p $(@D); $(compile_emulated) -x c++ -c $< -o $@
$(OUT)/obj/emulated/%.o: %.cc $(OUT)/flags
	$(call say,CXX,$<)mkdir -p $(@D); $(compile_emulated) -c $< -o $@
$(OUT)/obj/emulated/%.o: %.c $(OUT)/flags
	$(call say,CC,$< (emulated))mkdir -p $(@D); $(CC) -std=c11 $(emulated_flags) -c $< -o $@
$(emulated_library): $(emulated_objects)
	$(call say,AR,$@)rm -f $@; $(AR) rcs $@ $^

-include $(wildcard $(emulated_objects:.o=.d))

ifneq ($(cuda_kernels),)
$(unit_tests): $(emulated_library)
$(unit_tests): probed_libs += -lstdc++
endif
