/* The reference backends: every op's plain kernel, one after the other on one thread. */
#include "backend/backends.h"
#include "backend/host_program.h"

static const char *plain(void) {
  return "plain";
}

static pm_kernel_choice choose_float(const pm_op *op) {
  return (pm_kernel_choice){op->reference, op->workspace};
}

static pm_kernel_choice choose_double(const pm_op *op) {
  const pm_op *twin = pm_op_in_double(op);
  return (pm_kernel_choice){twin->reference, twin->workspace};
}

static pm_program *compile_float(const pm_graph *graph) {
  return pm_host_compile(graph, sizeof(float), choose_float);
}

static pm_program *compile_double(const pm_graph *graph) {
  return pm_host_compile(graph, sizeof(double), choose_double);
}

const pm_backend pm_backend_reference = {
    .name = "reference",
    .tier = plain,
    .allocate = pm_host_allocate,
    .release = pm_host_release,
    .write = pm_host_write,
    .read = pm_host_read,
    .compile = compile_float,
    .run = pm_host_run,
    .read_value = pm_host_read_value,
    .size = pm_host_size,
    .free_program = pm_host_free_program,
};

const pm_backend pm_backend_double = {
    .name = "double",
    .tier = plain,
    .allocate = pm_host_allocate_double,
    .release = pm_host_release,
    .write = pm_host_write_double,
    .read = pm_host_read_double,
    .compile = compile_double,
    .run = pm_host_run,
    .read_value = pm_host_read_value,
    .size = pm_host_size,
    .free_program = pm_host_free_program,
};
