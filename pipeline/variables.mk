# What a command line may say: the variables that there are, and the words of switches. A variable that make does not
# know would be ignored silently, so it is refused, with the most similar one; the environment may hold anything.

known_variables := DATA SHEET TILE FRAMES SPACING MARGIN REST SHRINK DENSITY TRANSPARENT TOLERANCE BACKGROUND KEEP_ALPHA DROP_FLAT DISTINCT COLOURS CLASSES NAME \
  PRESET RUNS ROWS SAMPLES TRACK SET SETS SEED SEEDS VARIANT THREADS DEVICE RUNNER RESOURCES DOWNLOADS KENNEY_URL KENNEY_PAGE RESULTS TOOLS \
  BUILD CC MPICC AR CFLAGS CPPFLAGS LDFLAGS CUDA CUDA_HOME CUDNN_HOME NVCC_CCBIN OPENBLAS WERROR SANITIZE V WASM_CC WASM_FLAGS PAGE TESTS JOBS PYTHON COMPILED PREFIX DESTDIR URL
# What packagers give every Makefile, and what make itself knows. Names with a dot are facts of these makefiles
# (pixels.kenney).
usual_variables := CXX CXXFLAGS LD AS NM RANLIB STRIP INSTALL% PKG_CONFIG% AM_% MAKE% SHELL
# The American word for the same.
respelled := COLORS=COLOURS

# Which of these the command line says.
said_in_command = $(strip $(foreach v,$1,$(if $(filter command override,$(firstword $(origin $v))),$v)))

define respell
ifneq ($(call said_in_command,$1),)
ifneq ($(call said_in_command,$2),)
$$(error $1 and $2 are the same; give one)
endif
override $2 := $$(value $1)
endif
endef
$(foreach pair,$(respelled),$(eval $(call respell,$(firstword $(subst =, ,$(pair))),$(lastword $(subst =, ,$(pair))))))
accepted_variables := $(known_variables) $(foreach pair,$(respelled),$(firstword $(subst =, ,$(pair))))

unknown_variable := $(firstword $(filter-out $(accepted_variables) $(usual_variables),$(sort \
  $(foreach v,$(.VARIABLES),$(if $(findstring .,$v),,$(if $(filter command,$(firstword $(origin $v))),$v))))))
ifneq ($(unknown_variable),)
nearest_variable := $(shell LC_ALL=C awk -f $(ROOT)pipeline/nearest.awk $(call quote,$(unknown_variable)) $(accepted_variables))
$(error $(unknown_variable)=$(value $(unknown_variable)): there is no variable $(unknown_variable)$(if \
  $(nearest_variable),; did you mean $(nearest_variable)?); $(me) help tells which there are)
endif

# A switch is off where it is empty. $(call on,NAME) is `yes` or nothing. Another word stops make, unless the
# environment holds it, where it may be another program's.
off_words := 0 no false off No False Off NO FALSE OFF
on_words := 1 yes true on Yes True On YES TRUE ON
is_no_switch = $(filter-out 0 1,$(words $($1)))$(filter-out $(off_words) $(on_words),$($1))
switch_words := expected 1, yes, true or on; or 0, no, false or off
on = $(if $(is_no_switch),$(if $(filter environment,$(origin $1)),$(if $(MAKE_RESTARTS),,$(shell printf '%s\n' $(call \
  quote,$1=$($1) of the environment is passed over: $(switch_words)) >&2)),$(error $1=$($1): $(switch_words))),$(if $(filter \
  $(on_words),$($1)),yes))

# Text as a word of the shell: quoted where the shell would take a sign of it for its own.
hash := \#
shell_signs := $(hash) ' " $$ ; & | < > ( ) * ? [ ] { } ~ \ ` !
argument = $(if $(or $(filter-out 1,$(words $1)),$(strip $(foreach sign,$(shell_signs),$(findstring $(sign),$1)))),$(quote),$1)
