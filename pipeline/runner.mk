# Stages that take long may run elsewhere; make stays the one that knows what is to be done. Keys, pictures and the page
# are made here.

#: Elsewhere: RUNNER='srun -c8' goes before each command that trains, samples or scores; RUNNER=slurm makes each a job
#: and asks for what pipeline/resources.txt says of it (RESOURCES=FILE: another). make -j8 keeps eight in flight. What
#: they say is in runs/DATASET/PRESET/logs; RESULTS has to lie where all machines see it.

RESOURCES ?= $(ROOT)pipeline/resources.txt
ifneq ($(and $(filter slurm,$(RUNNER)),$(if $(wildcard $(RESOURCES)),,missing)),)
$(error RESOURCES=$(RESOURCES): there is no such file)
endif

# $(call elsewhere,STAGE,RUN,FILE...): what a command that makes these files is started with.
elsewhere = $(if $(RUNNER),RUNNER=$(call quote,$(RUNNER)) RESOURCES=$(call quote,$(RESOURCES)) bash $(ROOT)pipeline/elsewhere.sh $1 $2 \
  $(results)/logs/$2.$(basename $(notdir $(firstword $3))).log $3 -- )
