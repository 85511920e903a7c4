# Data sets that others publish: one sheet each of an archive, fetched once into $(DOWNLOADS) (fetch.sh).

#: Fetched sets: make stores their archives and sheets in DOWNLOADS=data; you may put them there yourself.

DOWNLOADS ?= data
fetched_sets := kenney kenney-mono

# Kenney's 1-Bit Pack, https://kenney.nl, CC0. The archive's address changes with each upload, so fetch.sh reads it
# from the page; the sheet is identified by its pixels.
KENNEY_PAGE ?= https://kenney.nl/assets/1-bit-pack
KENNEY_URL ?=
kenney_last_known := https://kenney.nl/media/pages/assets/1-bit-pack/aa867a1f37-1677578516/kenney_1-bit-pack.zip
member.kenney := Tilesheet/colored-transparent_packed.png
pixels.kenney := b6ced430c436e5eaff2bc6e4c2e048d549c6e179593fdd9794b50820f3d69908
member.kenney-mono := Tilesheet/monochrome-transparent_packed.png
pixels.kenney-mono := 977223deb7b4517ad4bfffb95e088a714fc97b8af3b5ec44a4c1bf8159b154ac
# Tiles that are neither nearly empty nor nearly full: 873 of the 1078.
density.fetched := 0.15:0.50
# The recipe as published trains the two colours half as long (not where it has a length of its own; here every run).
settings.kenney-mono.seed := training.epochs=500

fetched_sheet = $(DOWNLOADS)/kenney/$(notdir $(member.$(DATASET)))
fetch = TOOLS=$(call quote,$(TOOLS)) PAGE=$(call quote,$(KENNEY_PAGE)) URL=$(call quote,$(KENNEY_URL)) SAYS_URL=KENNEY_URL \
  LAST_KNOWN=$(kenney_last_known) me='$(me)' bash $(ROOT)pipeline/fetch.sh $(call quote,$(DOWNLOADS)/kenney) kenney_1-bit-pack.zip \
  $(member.$(DATASET)) $(pixels.$(DATASET))
