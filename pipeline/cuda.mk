# The cuda backend: as a plugin for NVIDIA cards (`make cuda`), and as a part of the test programs, on the processor.

#: NVIDIA cards: CUDA_HOME, CUDNN_HOME where nvcc or cuDNN are not found by themselves; NVCC_CCBIN=g++-13 is the host's
#: compiler for nvcc.

cuda_kernels := $(sort $(wildcard lib/backend/cuda/*.cu))
cuda_sources := $(sort $(wildcard lib/backend/cuda/*.c))
cuda_on_cards := $(filter %/entry.c %/cudnn.c %/cublas.c %/nccl.c %/nvidia.c,$(cuda_sources))# what needs a driver or NVIDIA's libraries

# ---- on the processor: the same sources, with the headers of tests/cuda/emulation in the place of CUDA's

CXX := $(if $(filter default undefined,$(origin CXX)),c++,$(CXX))
emulation := tests/cuda/emulation
emulated_objects := $(patsubst %.cu,$(OUT)/obj/emulated/%.o,$(cuda_kernels)) \
  $(patsubst %.c,$(OUT)/obj/emulated/%.o,$(filter-out $(cuda_on_cards),$(cuda_sources)) $(wildcard $(emulation)/*.c)) \
  $(patsubst %.cc,$(OUT)/obj/emulated/%.o,$(wildcard $(emulation)/*.cc))
emulated_library := $(OUT)/libpixelmill-cuda-emulated.a
emulated_flags = $(filter-out -std=c11,$(subst -Ilib,-I$(emulation) -Ilib -I.,$(pm_cflags))) $(CPPFLAGS) $(CFLAGS) \
  -DPM_CUDA_ARCHITECTURES='"90"'
compile_emulated = $(CXX) -std=c++17 -Wno-unused-function -Wno-missing-field-initializers $(emulated_flags)

$(OUT)/obj/emulated/%.o: %.cu $(OUT)/flags
	$(call say,CXX,$< (emulated))mkdir -p $(@D); $(compile_emulated) -x c++ -c $< -o $@
$(OUT)/obj/emulated/%.o: %.cc $(OUT)/flags
	$(call say,CXX,$<)mkdir -p $(@D); $(compile_emulated) -c $< -o $@
$(OUT)/obj/emulated/%.o: %.c $(OUT)/flags
	$(call say,CC,$< (emulated))mkdir -p $(@D); $(CC) -std=c11 $(emulated_flags) -c $< -o $@
$(emulated_library): $(emulated_objects)
	$(call say,AR,$@)rm -f $@; $(AR) rcs $@ $^

# The tests of what is no kernel see the same headers, whether CUDA's are there or not.
$(patsubst %.c,$(OUT)/obj/%.o,$(wildcard tests/unit/test_cuda*.c)): compile += -I$(emulation) -I.

ifneq ($(cuda_kernels),)
$(unit_tests): $(emulated_library)
$(unit_tests): probed_libs += -lstdc++
endif

# The tests of kernels with the emulated threads known to the thread sanitizer: it names barriers that are missing.
tsan_objects := $(emulated_objects:$(OUT)/obj/emulated/%=$(OUT)/obj/tsan/%)
$(OUT)/obj/tsan/%.o: %.cu $(OUT)/flags
	$(call say,CXX,$< (tsan))mkdir -p $(@D); $(compile_emulated) -fsanitize=thread -x c++ -c $< -o $@
$(OUT)/obj/tsan/%.o: %.cc $(OUT)/flags
	$(call say,CXX,$< (tsan))mkdir -p $(@D); $(compile_emulated) -fsanitize=thread -c $< -o $@
$(OUT)/obj/tsan/%.o: %.c $(OUT)/flags
	$(call say,CC,$< (tsan))mkdir -p $(@D); $(CC) -std=c11 $(emulated_flags) -fsanitize=thread -c $< -o $@
$(OUT)/cuda/test_kernels_tsan: $(OUT)/obj/tests/unit/test_kernels.o $(test_helpers:%.c=$(OUT)/obj/%.o) $(tsan_objects) $(library)
	$(call say,LINK,$@)mkdir -p $(@D); $(CC) $(CFLAGS) $(LDFLAGS) -fsanitize=thread -o $@ $^ $(probed_cmocka) $(probed_libs) -lstdc++

# What a training step is on a card, counted without one. Built with the test programs, so that it keeps compiling.
ifneq ($(cuda_kernels),)
tests: $(OUT)/cuda/count
endif
$(OUT)/cuda/count: $(OUT)/obj/emulated/tests/cuda/count.o $(emulated_library) $(library)
	$(call say,LINK,$@)mkdir -p $(@D); $(link) -lstdc++ $(probed_libs)

# ---- the plugin

.PHONY: cuda
cuda: $(OUT)/lib/libpixelmill-cuda.so ## build the plugin for NVIDIA cards (needs CUDA 12 or later, and cuDNN 9)
	@echo 'built: $<'

ifneq ($(filter cuda $(OUT)/lib/libpixelmill-cuda.so $(OUT)/cuda/plans,$(MAKECMDGOALS)),)
include $(BUILD)/cuda.mk
endif
$(BUILD)/cuda.mk: pipeline/cuda.sh
	@mkdir -p $(@D)
	@CUDA_HOME='$(CUDA_HOME)' CUDNN_HOME='$(CUDNN_HOME)' NVCC_CCBIN='$(NVCC_CCBIN)' bash $< $@

plugin_objects := $(cuda_kernels:%.cu=$(OUT)/obj/cuda/%.o) $(cuda_sources:%.c=$(OUT)/obj/cuda/%.o)
# Products and attention may round once where they multiply and add; all else keeps to the host's arithmetic.
fused_kernels := linear conv2d attention sequences
cuda_warnings := -Wall -Wextra -Wno-unused-function -Wno-missing-field-initializers
nvcc_flags = -std=c++17 -O3 --extended-lambda $(cuda_codes) -Ilib -Xcompiler -fPIC,-fvisibility=hidden \
  $(foreach w,$(cuda_warnings),-Xcompiler $w) $(if $(call on,WERROR),-Werror all-warnings -Xcompiler -Werror) \
  -fmad=$(if $(filter $(fused_kernels),$(basename $(notdir $<))),true,false)
$(OUT)/obj/cuda/%.o: %.cu $(BUILD)/cuda.mk
	$(call say,NVCC,$<)mkdir -p $(@D); $(nvcc) $(nvcc_flags) -MD -MP -MF $(@:.o=.d) -c $< -o $@
$(OUT)/obj/cuda/%.o: %.c $(BUILD)/cuda.mk $(OUT)/flags
	$(call say,CC,$< (for cards))mkdir -p $(@D); $(compile) -fPIC -fvisibility=hidden -isystem $(cuda_include) -isystem $(cudnn_include) \
	  -DPM_CUDA_ARCHITECTURES='"$(cuda_architectures)"' -c $< -o $@
$(OUT)/lib/libpixelmill-cuda.so: $(plugin_objects)
	$(call say,LINK,$@)mkdir -p $(@D); $(CC) -shared $(LDFLAGS) -o $@ $^ -L$(cuda_lib) -L$(cudnn_lib) -Wl,-rpath,$(cudnn_lib):$(cuda_lib) \
	  -l:libcudnn.so.9 -l:$(cublaslt) -lcudart_static -ldl -lrt -lpthread -lstdc++ -lm

# The tests of kernels over the plugin, on a machine with a card (tests/cuda/run).
$(OUT)/cuda/test_kernels_on_card: $(OUT)/obj/tests/unit/test_kernels.o $(test_helpers:%.c=$(OUT)/obj/%.o) \
  $(OUT)/obj/tests/cuda/kernel_backends_on_card.o $(library)
	$(call say,LINK,$@)mkdir -p $(@D); $(link) -rdynamic $(probed_cmocka) $(probed_libs)
$(OUT)/obj/tests/cuda/%.o: compile += -I.

# What tests/long/cuda.bats asks cuDNN with.
$(OUT)/cuda/plans: $(OUT)/obj/cuda/tests/cuda/plans.o $(plugin_objects) $(library)
	$(call say,LINK,$@)mkdir -p $(@D); $(CC) $(LDFLAGS) -o $@ $^ -L$(cuda_lib) -L$(cudnn_lib) -Wl,-rpath,$(cudnn_lib):$(cuda_lib) \
	  -l:libcudnn.so.9 -l:$(cublaslt) -lcudart_static -lrt -lstdc++ $(probed_libs)

-include $(wildcard $(emulated_objects:.o=.d) $(plugin_objects:.o=.d))
