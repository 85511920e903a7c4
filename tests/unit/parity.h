/* What the tests against PyTorch share: a file of stored vectors (tests/parity/README.md), the weights and batches that
 * it holds, and comparisons with it.
 *
 *   parity p = parity_open("vae_8x12x4.safetensors", &pm_backend_cpu);
 *   parity_write_slots(&p, "initial");
 *   parity_write_batch(&p, "images", step);
 *   parity_expect_value(&p, program, logits, "forward.logits", 1e-5);
 *
 * Whatever is not as stored, or is not stored at all, fails the test and says which vector of which file it was. */
#ifndef PM_TESTS_PARITY_H
#define PM_TESTS_PARITY_H

#include "io/safetensors.h"
#include "numeric.h"

typedef struct {
  const char *file; /* of tests/parity/data */
  const pm_backend *backend;
  pm_arena *arena;
  pm_safetensors vectors;
  pm_store *store; /* empty at first */
} parity;

parity parity_open(const char *file, const pm_backend *backend);
void parity_close(parity *p);

/* A method's settings as the file's metadata "settings" has them: "key=value key=value …". */
void *parity_settings(const parity *p, const pm_method *method);

const pm_tensor *parity_vector(const parity *p, const char *name);
size_t parity_count(const pm_tensor *tensor);

/* All parameters and states that are stored as "PREFIX.NAME"; returns how many. The others stay as they are. */
size_t parity_write_slots(const parity *p, const char *prefix);

/* A batch's size, and the sprites of a step's batch into this input: "index" [steps, n] says which of "data". */
size_t parity_batch_size(const parity *p);
void parity_write_batch(const parity *p, const char *input, size_t step);
/* Items first … first + n - 1 of a vector's first axis into an input, which they fill. */
void parity_write_rows(const parity *p, const char *input, const char *name, size_t first, size_t n);

/* Has an input of that name take the place of the numbers that the graph's only node of this op draws. */
void parity_replace_draws(pm_graph *g, const pm_op *op, const char *input);
/* The output of the first node that takes the parameter of this name; NULL if there is none. */
pm_value *parity_made_with(const pm_graph *g, const char *parameter);

/* Every item within tolerance of the largest stored one, or of `scale` if that is larger. */
void parity_expect(const parity *p, const float *got, const char *name, double tolerance, double scale);
void parity_expect_value(const parity *p, const pm_program *program, const pm_value *value, const char *name,
                         double tolerance);
/* Each parameter's gradient against "PREFIX.NAME", by the largest item of all of them. */
void parity_expect_gradients(const parity *p, const char *prefix, double tolerance);
/* The running statistics against "PREFIX.NAME"; returns how many there were. */
size_t parity_expect_statistics(const parity *p, const char *prefix, double tolerance);
/* `n` single numbers against row `step` of a stored [steps, n] or, of one number, [steps]: each by its own size. */
void parity_expect_losses(const parity *p, const pm_program *program, pm_value *const *value, size_t n,
                          const char *name, size_t step, double tolerance);

/* Adam with its usual settings at a rate of 1e-3, as all trajectories are stored; "step" is its scalar. */
void parity_add_adam(pm_graph *g, pm_value *step);
void parity_write_rate(const parity *p);

#endif
