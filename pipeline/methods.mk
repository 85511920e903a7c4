# The methods and the runs that `make compare` puts side by side. A new run is a line here and a file in configs/; a new
# method is a line here and a tool.

# method, its trainer, the rows that a run of it has in a comparison (compare.mk makes them), classes if it learns them
define add_method
trainer.$(strip $1) := $(strip $2)
rows.$(strip $1) := $(strip $3)
learns.$(strip $1) := $(strip $4)
endef
# run (configs/RUN.yaml), method, title
define add_run
all_runs += $(strip $1)
method.$(strip $1) := $(strip $2)
title.$(strip $1) := $(strip $3)
endef

$(eval $(call add_method, vae, train-vae, reconstructed samples snapped))
$(eval $(call add_method, ddpm, train-ddpm, samples by-class, classes))

all_runs :=
$(eval $(call add_run, vae-mse, vae, VAE-MSE))
$(eval $(call add_run, vae-bce, vae, VAE-BCE))
$(eval $(call add_run, ddpm-palette, ddpm, Diffusion on palette indices))

# The sets that are not compared by all runs unless RUNS says so.
runs.tilemaps := vae-mse vae-bce

# Rows by class only where the data have classes.
rows_of = $(filter-out $(if $(labels),,by-class),$(rows.$(method.$1)))
trainer_of = $(trainer.$(method.$1))
learns_of = $(learns.$(method.$1))
