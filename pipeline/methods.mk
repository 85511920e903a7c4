# The methods and the runs that `make compare` puts side by side. A new run is a line here and a file in configs/; a new
# method is a line here and a tool.

define add_method
trainer.$(strip $1) := $(strip $2)
rows.$(strip $1) := $(strip $3)
endef
define add_run
all_runs += $(strip $1)
method.$(strip $1) := $(strip $2)
title.$(strip $1) := $(strip $3)
endef

# method, its trainer, the rows that a run of it has in a comparison (compare.mk makes them)
$(eval $(call add_method, vae, train-vae, reconstructed samples snapped))

# run (configs/RUN.yaml), method, title
all_runs :=
$(eval $(call add_run, vae-mse, vae, VAE-MSE))
$(eval $(call add_run, vae-bce, vae, VAE-BCE))

rows_of = $(rows.$(method.$1))
trainer_of = $(trainer.$(method.$1))
