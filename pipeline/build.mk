# The library, the tools and the test programs, from the sources that are there: a new file needs no new line here.
#   lib/*/*.c, lib/backend/cpu/*.c  once
#   lib/nn/ops/*.c                  twice, for float and for double (gradients are checked in double)
#   lib/backend/cpu/tiers/*.c       once for each tier of processors; which one runs is decided at run time
#   tools/NAME.c                    build/bin/NAME, and studio/make-page.c build/bin/make-page
#   tests/unit/test_NAME.c          build/tests/test_NAME, with the other files of tests/unit

#: Variables: CC, CFLAGS, LDFLAGS as usual; WERROR=1 makes warnings errors; SANITIZE=1 builds with address and
#: undefined-behaviour sanitizers, in build/sanitize; OPENBLAS=0 does without OpenBLAS even where it is installed;
#: V=1 shows whole commands; MPICC=mpicc is the compiler of make mpi.

CC := $(if $(filter default undefined,$(origin CC)),cc,$(CC))
AR := $(if $(filter default undefined,$(origin AR)),ar,$(AR))
CFLAGS ?= -O2 -g
sanitize := $(call on,SANITIZE)
OUT := $(BUILD)$(if $(sanitize),/sanitize)
BIN := $(OUT)/bin

# What the sources rely on, whatever CFLAGS says: without contraction, so that all machines give the same bytes.
pm_cflags := -std=c11 -D_GNU_SOURCE -Wall -Wextra -ffp-contract=off -fno-math-errno -fno-trapping-math -Ilib -MMD -MP
pm_cflags += $(if $(call on,WERROR),-Werror)
pm_ldflags :=
ifdef sanitize
pm_cflags += -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
pm_ldflags += -fsanitize=address,undefined
endif

# ---- probe: which compiler and libraries there are, printed once and kept in build/config.mk

without_openblas := $(if $(OPENBLAS),$(if $(call on,OPENBLAS),,0))# a switch that is on where nothing is said
probe_for := $(CC) $(CFLAGS) $(CPPFLAGS) $(LDFLAGS) $(if $(without_openblas),OPENBLAS=0)
ifneq ($(build_goals),)
include $(BUILD)/config.mk
endif
$(BUILD)/config.mk: pipeline/probe.sh $(if $(filter-out $(probe_for),$(probed_for))$(filter-out $(probed_for),$(probe_for)),FORCE)
	@mkdir -p $(@D)
	@CC='$(CC)' CFLAGS='$(CFLAGS)' CPPFLAGS='$(CPPFLAGS)' LDFLAGS='$(LDFLAGS)' OPENBLAS='$(without_openblas)' bash pipeline/probe.sh $@

# ---- what is built from what

ops_sources := $(sort $(wildcard lib/nn/ops/*.c))
tier_sources := $(filter-out %_amx.c,$(sort $(wildcard lib/backend/cpu/tiers/*.c)))
# What needs libcurl is left out where there is none.
with_curl := lib/track/http.c tools/track.c
left_out := $(if $(probed_curl),,$(with_curl))
lib_sources := $(filter-out $(left_out),$(sort $(wildcard lib/*/*.c lib/backend/cpu/*.c)))
tool_sources := $(filter-out $(left_out),$(sort $(wildcard tools/*.c)))
test_sources := $(sort $(wildcard tests/unit/test_*.c))
test_helpers := $(filter-out $(test_sources),$(sort $(wildcard tests/unit/*.c)))

tiers := $(if $(filter x86_64,$(target_arch)),baseline avx2 avx512,baseline)
tier_flags.baseline :=
tier_flags.avx2 := -mavx2 -mfma -mf16c
tier_flags.avx512 := -mavx512f -mavx512vl -mavx512bw -mavx512dq -mfma -mprefer-vector-width=512
# Of one file each:
tier_flags.avx512bf16 := $(tier_flags.avx512) -mavx512bf16
tier_flags.amx := $(tier_flags.avx512) -mamx-tile -mamx-bf16
tier_flags.amxplain :=
extra_tiers := $(foreach object,$(if $(filter avx512,$(tiers)),bf16.avx512bf16 bf16_amx.amx) bf16_amx.amxplain,$(if \
  $(wildcard lib/backend/cpu/tiers/$(basename $(object)).c),$(object)))

objects := $(lib_sources:%.c=$(OUT)/obj/%.o) \
  $(foreach real,float double,$(ops_sources:%.c=$(OUT)/obj/%.$(real).o)) \
  $(foreach tier,$(tiers),$(tier_sources:%.c=$(OUT)/obj/%.$(tier).o)) \
  $(extra_tiers:%=$(OUT)/obj/lib/backend/cpu/tiers/%.o)
library := $(OUT)/libpixelmill.a
tools := $(tool_sources:tools/%.c=$(BIN)/%)
unit_tests := $(test_sources:tests/unit/%.c=$(OUT)/tests/%)
front := $(BIN)/pixelmill
page_maker := $(patsubst studio/%.c,$(BIN)/%,$(wildcard studio/make-page.c))

.PHONY: all tests
all: $(library) $(tools) $(page_maker) ## build the library and the tools, in build/
	@:

tests: $(unit_tests) ## build the test programs, without running them
	@:

# ---- rules

compile = $(CC) $(pm_cflags) $(CPPFLAGS) $(CFLAGS) $(probed_cflags)
link = $(CC) $(CFLAGS) $(LDFLAGS) $(pm_ldflags) -o $@ $(filter %.o %.a,$^)
verbose := $(call on,V)
say = $(if $(verbose),,@printf '  %-5s %s\n' $1 '$2';)

# All objects depend on the flags, so other flags build anew; the library on the list of its objects, too, so a source
# that goes away leaves it, and a new one costs no more than itself.
flags := $(compile) | $(LDFLAGS) $(pm_ldflags) $(probed_libs) $(probed_openblas) $(probed_curl)
unless_it_says = $(if $(subst x$2,,x$(file <$1))$(subst x$(file <$1),,x$2),FORCE)
$(OUT)/flags: $(call unless_it_says,$(OUT)/flags,$(flags))
	@mkdir -p $(@D) && printf '%s\n' $(call quote,$(flags)) >$@
$(OUT)/objects: $(call unless_it_says,$(OUT)/objects,$(objects))
	@mkdir -p $(@D) && printf '%s\n' $(call quote,$(objects)) >$@

$(OUT)/obj/lib/nn/ops/%.float.o: lib/nn/ops/%.c $(OUT)/flags
	$(call say,CC,$< (float))mkdir -p $(@D); $(compile) -DPM_REAL_TYPE=float -c $< -o $@

$(OUT)/obj/lib/nn/ops/%.double.o: lib/nn/ops/%.c $(OUT)/flags
	$(call say,CC,$< (double))mkdir -p $(@D); $(compile) -DPM_REAL_TYPE=double -c $< -o $@

define tier_rule
$$(OUT)/obj/lib/backend/cpu/tiers/%.$1.o: lib/backend/cpu/tiers/%.c $$(OUT)/flags
	$$(call say,CC,$$< ($1))mkdir -p $$(@D); $$(compile) -O3 $$(tier_flags.$1) -DPM_TIER=$1 -c $$< -o $$@
endef
$(foreach tier,$(tiers) avx512bf16 amx amxplain,$(eval $(call tier_rule,$(tier))))
# Here a multiply-add may be one instruction, rounded once; vector.h says whose bits these are.
$(foreach file,tiles winograd,$(tiers:%=$(OUT)/obj/lib/backend/cpu/tiers/$(file).%.o)): compile += -ffp-contract=fast

$(OUT)/obj/lib/backend/cpu/%.o: compile += $(if $(filter avx2,$(tiers)),-DPM_TIERS_X86=1) \
  $(if $(probed_openblas),-DPM_OPENBLAS='"$(probed_openblas)"')
$(OUT)/obj/%.o: %.c $(OUT)/flags
	$(call say,CC,$<)mkdir -p $(@D); $(compile) -c $< -o $@

$(library): $(objects) $(OUT)/objects
	$(call say,AR,$@)rm -f $@; $(AR) rcs $@ $(filter %.o,$^)

# With the library's symbols for plugins (lib/backend/plugin.h).
$(tools): $(BIN)/%: $(OUT)/obj/tools/%.o $(library)
	$(call say,LINK,$@)mkdir -p $(@D); $(link) -rdynamic $(own_libs) $(probed_libs)
$(BIN)/track: own_libs := $(probed_curl)

$(unit_tests): $(OUT)/tests/%: $(OUT)/obj/tests/unit/%.o $(test_helpers:%.c=$(OUT)/obj/%.o) $(library)
	$(if $(probed_cmocka),,@echo 'the test programs need cmocka: make setup' >&2; exit 1)
	$(call say,LINK,$@)mkdir -p $(@D); $(link) $(probed_cmocka) $(probed_libs)

# ---- plugins: what the tools open when it is asked for, and do not link (lib/core/plugin.h)

MPICC ?= mpicc
mpi_plugin := $(BIN)/pixelmill-mpi.so

.PHONY: mpi
mpi: $(mpi_plugin) ## build the plugin that trains in several processes, by the MPI of mpicc (docs/scaling.md)
	@:

no_mpicc = there is no $(MPICC): install an MPI (on Debian libopenmpi-dev openmpi-bin), or say where it is: MPICC=
$(mpi_plugin): lib/parallel/mpi/mpi.c lib/parallel/transport.h $(OUT)/flags
	@command -v $(MPICC) >/dev/null || { echo $(call quote,$(no_mpicc)) >&2; exit 1; }
	$(call say,MPICC,$@)mkdir -p $(@D); \
	  OMPI_CC='$(CC)' MPICH_CC='$(CC)' $(MPICC) $(filter-out -MMD -MP,$(pm_cflags)) $(CPPFLAGS) $(CFLAGS) -fPIC -shared $(LDFLAGS) -o $@ $<

-include $(wildcard $(objects:.o=.d) $(OUT)/obj/studio/make-page.d $(patsubst %.c,$(OUT)/obj/%.d,$(tool_sources) $(test_sources) $(test_helpers)))
