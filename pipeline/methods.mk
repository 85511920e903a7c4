# The methods and the runs that `make compare` puts side by side. A new run is a line here and a file in configs/; a new
# method is a line here and a tool.

# method, its trainer, the rows that a run of it has in a comparison (compare.mk makes them), classes if it learns them
define add_method
trainer.$(strip $1) := $(strip $2)
rows.$(strip $1) := $(strip $3)
learns.$(strip $1) := $(strip $4)
endef
# run (configs/RUN.yaml), method, title; other rows than the method's, if it has any
define add_run
all_runs += $(strip $1)
method.$(strip $1) := $(strip $2)
title.$(strip $1) := $(strip $3)
rows_for.$(strip $1) := $(strip $4)
endef

$(eval $(call add_method, vae, train-vae, reconstructed samples snapped))
$(eval $(call add_method, vqvae, train-vqvae, reconstructed samples snapped))
$(eval $(call add_method, prior, fit-prior, samples snapped))
$(eval $(call add_method, ddpm, train-ddpm, samples by-class, classes))
$(eval $(call add_method, patch-ar, train-patch-ar, samples by-class, classes))

all_runs :=
$(eval $(call add_run, vae-mse, vae, VAE-MSE))
$(eval $(call add_run, vae-bce, vae, VAE-BCE))
$(eval $(call add_run, vqvae, vqvae, VQ-VAE))
$(eval $(call add_run, prior, prior, VQ-VAE and prior))
$(eval $(call add_run, ddpm, ddpm, Diffusion in RGB, samples snapped by-class))
$(eval $(call add_run, ddpm-palette, ddpm, Diffusion on palette indices))
$(eval $(call add_run, patch-ar, patch-ar, Patch transformer))
$(eval $(call add_run, tilemaps-l1, ddpm, Absolute error, samples blended printed))
$(eval $(call add_run, tilemaps-mse, ddpm, Squared error))
$(eval $(call add_run, tilemaps-untimed, ddpm, Absolute error without time conditioning))
$(eval $(call add_run, tilemaps-noise, ddpm, Absolute error from noise alone))
$(eval $(call add_run, tilemaps-palette, ddpm, The whole map on palette indices))
$(eval $(call add_run, tilemaps-ar, patch-ar, Patch transformer))

# Runs that are built on another one's model, which their trainer and `sample` are given by an option of its method's
# name.
below.prior := vqvae

# Training runs whose models compute bits per pixel: those on palette indices, the recommended ones first.
runs_with_bits := patch-ar tilemaps-ar ddpm-palette tilemaps-palette

# What make bench-scaling counts as it was published, too, and what it measures in several processes.
published_runs := ddpm
divided_runs := ddpm patch-ar

# How samples of each class are drawn in the rows and scores by class of a run, where it is not as its config has it.
guidance.ddpm := --guidance-scale 2
guidance.patch-ar := --guidance-scale 1.5 --temperature 0.65
all_guidance := --class each $(guidance.ddpm) $(guidance.patch-ar)

# What a method's rows are called where it is not as compare.mk says.
words.vqvae.samples := codes at random
words.vqvae.snapped := codes at random, snapped

# The training runs of a comparison without RUNS: for sprites all but those of the tilemaps.
runs.tilemaps := tilemaps-l1 tilemaps-mse tilemaps-untimed tilemaps-noise tilemaps-palette tilemaps-ar
default_runs = $(or $(runs.$(DATASET)),$(filter-out $(runs.tilemaps),$(all_runs)))

# Rows by class only where the data have classes. A run of three rows or more is shown without its samples before they
# were snapped, unless ROWS=all.
made_rows_of = $(filter-out $(if $(labels),,by-class),$(or $(rows_for.$1),$(rows.$(method.$1))))
unsnapped = $(and $(filter-out all,$(or $(ROWS),shown)),$(word 3,$1),$(filter snapped,$1),samples)
rows_of = $(filter-out $(call unsnapped,$(made_rows_of)),$(made_rows_of))
trainer_of = $(trainer.$(method.$1))
learns_of = $(learns.$(method.$1))
# --vqvae runs/…/vqvae/model.safetensors, or nothing
below_option = $(if $(below.$1),--$(method.$(below.$1)) $(results)/$(below.$1)/model.safetensors )
