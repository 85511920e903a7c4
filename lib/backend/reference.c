/* The reference backends: every op's plain kernel, one after the other on one thread. */
#include "backend/backends.h"
#include "backend/host_program.h"

static const char *plain_tier(const pm_backend *self) {
  (void)self;
  return "plain";
}

static const pm_lowering_rules in_float = {.real_size = sizeof(float)};
static const pm_lowering_rules in_double = {.real_size = sizeof(double), .twin = pm_op_in_double};

static pm_program *compile_float(const pm_graph *graph) {
  return pm_host_compile(graph, &in_float);
}

static pm_program *compile_double(const pm_graph *graph) {
  return pm_host_compile(graph, &in_double);
}

const pm_backend pm_backend_reference = {
    .abi = PM_BACKEND_ABI,
    .name = "reference",
    .tier = plain_tier,
    .supports = pm_host_supports,
    .allocate = pm_host_allocate,
    .release = pm_host_release,
    .write = pm_host_write,
    .read = pm_host_read,
    .compile = compile_float,
    .run = pm_host_run,
    .run_timed = pm_host_run_timed,
    .read_value = pm_host_read_value,
    .size = pm_host_size,
    .free_program = pm_host_free_program,
};

const pm_backend pm_backend_double = {
    .abi = PM_BACKEND_ABI,
    .name = "double",
    .tier = plain_tier,
    .supports = pm_host_supports,
    .allocate = pm_host_allocate_double,
    .release = pm_host_release,
    .write = pm_host_write_double,
    .read = pm_host_read_double,
    .compile = compile_double,
    .run = pm_host_run,
    .run_timed = pm_host_run_timed,
    .read_value = pm_host_read_value,
    .size = pm_host_size,
    .free_program = pm_host_free_program,
};
