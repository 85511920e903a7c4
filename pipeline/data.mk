# Data sets: where the sprites come from. Results of a set lie in runs/DATASET.

#: Data sets: the built-in one; DATA=tilemaps; DATA=kenney or kenney-mono, which make fetches (from KENNEY_URL if set);
#: or your own sheets: SHEET=my.png, SHEET="a.png b.png", SHEET='tiles/*.png' or SHEET=folder [TILE=16x24 FRAMES=2x1
#: SPACING=1 MARGIN=1 REST=drop SHRINK=3 DENSITY=0.15:0.50 TRANSPARENT=ff00ff TOLERANCE=9 BACKGROUND=000000
#: KEEP_ALPHA=1 DROP_FLAT=1 DISTINCT=1 COLOURS=16 CLASSES=8 NAME=mine]. CLASSES=folders makes each folder of sheets a class;
#: CLASSES=0 makes none. KEEP_ALPHA, DROP_FLAT and DISTINCT are 1, yes, true or on; or 0, no, false or off. These settings are
#: kept, so NAME=mine alone is enough afterwards.

# As it was typed: a file's name may hold a dollar sign. It may hold blanks, too, if it is the only one, or each behind
# a backslash. What is no file's name as it stands may be a pattern.
sheet = $(value SHEET)
is_file = $(if $(sheet),$(shell [ ! -e $(call quote,$(sheet)) ] || echo yes))
pattern_signs := * ? [ ~/ \$(empty)
has_signs = $(strip $(foreach sign,$(pattern_signs),$(findstring $(sign),$1)))
is_pattern = $(if $(is_file),,$(call has_signs,$(sheet)))
expanded_sheet = $(shell bash $(ROOT)pipeline/expand-sheets.sh $1 $(call quote,$(sheet)))
goal_set := $(sort $(patsubst %/,%,$(dir $(stage_goals))))
sheet_words = $(if $(is_file),$(subst $(space),-,$(strip $(sheet))),$(if $(is_pattern),$(call \
  expanded_sheet,names),$(sheet)))
sheet_name := $(subst $(space),-,$(basename $(notdir $(patsubst %/,%,$(sheet_words)))))
# Windows' WSL sets a NAME of its own, the machine's.
ifeq ($(origin NAME),environment)
override NAME :=
endif
DATASET := $(or $(DATA),$(NAME),$(sheet_name),$(firstword $(goal_set)),builtin)

ifneq ($(filter-out $(DATASET),$(goal_set)),)
$(error one data set at a time: $(sort $(DATASET) $(goal_set)))
endif
ifneq ($(and $(DATA),$(SHEET)$(NAME)),)
$(error either DATA=$(DATA) or SHEET and NAME, not both)
endif
own_sets := builtin tilemaps $(fetched_sets)
ifneq ($(and $(SHEET),$(filter $(own_sets),$(DATASET))),)
$(error the name $(DATASET) is taken by a data set of the project; give the sheet another with NAME=)
endif

ifneq ($(shell LC_ALL=C grep -cvE '^[A-Za-z0-9_][-A-Za-z0-9._]*$$' <<<$(call quote,$(DATASET))),0)
$(error NAME=$(DATASET): the name of a data set is of letters, digits, dots, underscores and hyphens$(if \
  $(DATA)$(NAME),,; give the sheet one with NAME=))
endif

data := $(RESULTS)/$(DATASET)/data
sprites := $(data)/sprites.npy
palette := $(data)/palette.gpl
real := $(data)/real.npy

# Variables of sheets do not affect sets that are drawn.
of_sheets := TILE FRAMES SPACING MARGIN REST SHRINK DENSITY TRANSPARENT TOLERANCE BACKGROUND KEEP_ALPHA DROP_FLAT DISTINCT COLOURS CLASSES
said_of_sheets := $(call said_in_command,$(of_sheets))
ifneq ($(and $(filter builtin tilemaps,$(DATASET)),$(said_of_sheets)),)
$(error $(firstword $(said_of_sheets)) is about sheets, and the data set $(DATASET) is drawn: give SHEET=, too, or leave it out)
endif
# A word of the shell that begins with # is none: TRANSPARENT= #ff00ff is TRANSPARENT= and a comment.
nothing_said := $(if $(MAKE_RESTARTS),,$(foreach v,$(filter TRANSPARENT BACKGROUND,$(said_of_sheets)),$(if $(value $v),,$v)))
ifneq ($(nothing_said),)
$(foreach v,$(nothing_said),$(shell printf '%s= is empty: none is set. (To the shell a word that begins with \043 is a comment.)\n' $v >&2))
endif

# For each kind of set: the commands that make sprites.npy (and more) in folder $1, what else they make, and their
# tools; and the sheets it comes from, each a word of the shell.
sheets :=
settle =
colours = $(TOOLS)/extract-palette $1/sprites.npy -o $1/palette.gpl
ifeq ($(DATASET),builtin)
draw = $(TOOLS)/draw-sprites -o $1/sprites.npy --labels $1/labels.npy --names $1/names.txt
also := labels.npy names.txt
data_tools := draw-sprites
else ifeq ($(DATASET),tilemaps)
draw = $(TOOLS)/draw-tilemaps -n 2000 -o $1/sprites.npy
data_tools := draw-tilemaps
else
ifneq ($(filter $(fetched_sets),$(DATASET)),)
SHEET := $(fetched_sheet)
DENSITY ?= $(density.fetched)
endif
ifeq ($(SHEET),)
# What the environment says goes before what is remembered, as what the command line says does.
$(foreach v,$(of_sheets),$(if $(filter environment,$(firstword $(origin $v))),$(eval override $v := $$(value $v))))
-include $(data)/sheet.mk
endif
ifeq ($(SHEET),)
$(error $(DATASET) is no data set known here ($(own_sets)). For a sheet: $(me) compare SHEET=my.png NAME=$(DATASET))
endif
no_option = $(if $(filter -%,$(firstword $1)),./)$1# a name that begins with a hyphen
sheets := $(if $(is_file),$(call quote,$(call no_option,$(sheet))),$(if $(is_pattern),$(call \
  expanded_sheet,files),$(foreach file,$(sheet),$(call quote,$(call no_option,$(file))))))
TILE ?= 16
# A value's option, and a switch's.
valued = $(if $($1),$2 $(call argument,$($1)) )
switched = $(if $(call on,$1),$2 )
cut := $(call valued,TILE,--tile)$(call valued,FRAMES,--frames)$(call valued,SPACING,--spacing)$(call valued,MARGIN,--margin)$(call \
  valued,REST,--rest)$(call valued,SHRINK,--shrink)$(call valued,DENSITY,--density)$(call valued,TRANSPARENT,--transparent)$(call \
  valued,TOLERANCE,--tolerance)$(call valued,BACKGROUND,--background)$(call \
  switched,KEEP_ALPHA,--keep-alpha)$(call switched,DROP_FLAT,--drop-flat)$(call switched,DISTINCT,--distinct)$(sheets)
draw = $(TOOLS)/slice-tiles $(cut) -o $1/cut.npy
# Sprites of at most 256 colours stay as they are; more, and what is half transparent, goes to the palette: models of
# palette indices have no other pixels.
colours = $(TOOLS)/extract-palette $(call valued,COLOURS,-k)$1/cut.npy -o $1/palette.gpl
settle = $(TOOLS)/snap -q --palette $1/palette.gpl $1/cut.npy -o $1/sprites.npy
data_tools := snap
# A sheet names no classes, so k-means finds them, unless folders do; CLASSES=0 for none.
ifeq ($(CLASSES),)
override CLASSES := 8
endif
ifneq ($(CLASSES),folders)
ifneq ($(shell LC_ALL=C grep -cvE '^[0-9]+$$' <<<$(call quote,$(CLASSES))),0)
$(error CLASSES=$(CLASSES): expected a number of classes, 0 for none; or folders, if the sheets lie in folders and each is a class)
endif
endif
ifeq ($(CLASSES),folders)
draw = $(TOOLS)/label-tiles --folders $(cut) --sprites $1/cut.npy --names $1/names.txt -o $1/labels.npy
also := labels.npy names.txt
data_tools += label-tiles
else
data_tools += slice-tiles
endif
ifeq ($(filter 0 folders,$(CLASSES)),)
label = $(TOOLS)/label-tiles -k $(CLASSES) $1/sprites.npy --names $1/names.txt -o $1/labels.npy
also := labels.npy names.txt
data_tools += label-tiles
endif
endif
# Sixteen sprites from all parts of the set represent it in pictures.
define make_data
$(call draw,$1)
$(call colours,$1)$(if $(settle),$(newline)$(call settle,$1))$(if $(label),$(newline)$(call label,$1))
TOOLS=$(TOOLS) bash $(ROOT)pipeline/spread.sh 16 $1/sprites.npy -o $1/real.npy
endef
data_tools += extract-palette tensor
# What is worth a second look is said once, when the data are made; it stops nothing. Sprites are looked at as they were
# cut, unless the user has said how many colours they are to have; and whether there are enough is told by the largest
# batch and held-out share of the runs asked for, of all that would be compared if only the data were.
settings_of_runs = TOOLS=$(TOOLS) preset=$(PRESET) set_options=$(call quote,$(set)) bash $(ROOT)pipeline/settings.sh $1 \
  $(foreach run,$2,$(run):$(call trainer_of,$(run)))
largest = $$($(call settings_of_runs,$1,$(or $(wanted_runs),$(RUNS))) | sort -g | tail -n 1)
check = @batch="$(call largest,training.batch)" && held_out="$(call largest,data.held_out)" && \
  $(TOOLS)/check-sprites $(data)/$(if $(settle),$(if $(COLOURS),sprites,cut),sprites).npy \
  $(if $(labels),--labels $(labels) $(if $(names),--names $(names) ))--batch "$$batch" --held-out "$$held_out" >&2 || true
data_files := sprites.npy palette.gpl real.npy $(also)
# Classes, where the set has them, with their names.
labels := $(if $(filter labels.npy,$(also)),$(data)/labels.npy)
names := $(if $(filter names.txt,$(also)),$(data)/names.txt)

$(addprefix $(data)/,$(data_files)) &: $(data)/key
	$(did)$(call make_data,$(data))
	$(check)

# The key of the data comes with a note of the sheet, so that `make NAME=mine compare` knows it again.
make_value = $(subst $(hash),\$(hash),$(subst $$,$$$$,$1))
$(data)/key:
	@mkdir -p $(@D)
	$(if $(filter-out $(own_sets),$(DATASET)),@printf '%s\n' $(foreach v,SHEET $(of_sheets),$(if $(value $v),$(call quote,$v := $(call make_value,$(value $v))))) >$(@D)/sheet.mk)
	@cp $(keys)/data.key $@

.PHONY: $(DATASET)/data
$(DATASET)/data: $(sprites)
	@echo 'Look at $(data)'
