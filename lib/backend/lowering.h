/* The lowered program: a graph as the steps that a backend takes, before anything has a place in memory.
 *
 * A step is one call of a kernel, for one node or for a group of fused nodes. An ordered list of implementations
 * decides: of those that begin with a node's op, the first that accepts the node computes it. An implementation accepts
 * or declines by shape, type, attributes and by who else reads a value. The operands of steps
 * are values of the graph in some form: as the graph has them, or as a kernel would rather read them (bfloat16, a
 * weight packed in panels), made by a conversion step of its own for all who read that form.
 *
 * docs/backend.md has a drawing. The list of implementations is as oneDNN's, each of which checks what it is asked;
 * groups by use counts are as ggml's can_fuse. */
#ifndef PM_BACKEND_LOWERING_H
#define PM_BACKEND_LOWERING_H

#include "nn/backend.h"
#include "nn/op.h"

#ifdef __cplusplus
extern "C" {
#endif

/* How an operand's numbers lie; rows and columns are those of pm_rows and pm_columns. */
typedef enum {
  PM_PLAIN,             /* as the graph says, PM_F32 as float or whatever the host's `real` is */
  PM_BF16,              /* the same order, rounded to bfloat16 */
  PM_PAIRS,             /* bfloat16 matrices for products from the right, in panels of columns (cpu/bf16.h): */
  PM_TRANSPOSED,        /* … and of the transposed matrix */
  PM_PANELS,            /* matrices in float, in panels of columns (cpu/panels.h): */
  PM_PANELS_TRANSPOSED, /* … and of the transposed matrix */
  PM_KRSC,              /* weights [kh,kw,I,O] of a convolution in the order [O,kh,kw,I] … */
  PM_KRSC_BF16,         /* … and rounded to bfloat16 */
} pm_form;

/* What steps read and write. */
typedef struct pm_operand {
  const pm_value *value; /* whose numbers; NULL: a step's own workspace */
  pm_form form;
  size_t bytes;
  struct pm_operand *same; /* in whose memory it lies; itself, unless a view or written in place */
  struct pm_operand *next; /* of the same value, in another form */
  bool lasting;            /* keeps its place from run to run */
  /* the planner's: */
  bool used;
  size_t first, last; /* steps between which it is needed */
  size_t place;       /* in the program's block */
} pm_operand;

typedef struct {
  const char *name; /* of the implementation: "linear, bf16" */
  pm_kernel kernel;
  const pm_node *node; /* whose shapes and attributes the kernel reads: the group's first */
  pm_operand *in[PM_MAX_IN], *out[PM_MAX_OUT], *workspace;
  int ins, outs;
  int in_place;            /* as pm_op's */
  const pm_buffer *source; /* a conversion's: it is skipped while this buffer is unchanged; NULL: never */
  const void *prepared;    /* the implementation's own, for its kernel; lives as long as the program */
} pm_step;

/* A needed node that reads a value or a view of it. */
typedef struct pm_reader {
  const pm_node *node;
  struct pm_reader *next;
} pm_reader;

typedef struct pm_lowered pm_lowered;
typedef struct pm_implementation pm_implementation;

struct pm_implementation {
  const pm_op *op; /* of the node at which it begins */
  const char *name;
  pm_kernel kernel;
  size_t (*workspace)(const pm_node *node); /* bytes; NULL: none */
  size_t (*scratch)(const pm_node *node);   /* bytes for each thread, of its tasks; NULL: none */
  bool (*fits)(const pm_node *node);        /* whether it does a node of such shapes; NULL: any */
  pm_form form[PM_MAX_IN];                  /* in which it takes the inputs: PM_PLAIN where nothing is said */
  /* In place of these two: whether it does this node. Adds the step or steps, and fuses other nodes with pm_lower_fuse.
   * NULL: one step with the node's own operands. */
  bool (*lower)(pm_lowered *l, const pm_node *node, const pm_implementation *self);
};

/* What a backend brings. */
typedef struct {
  size_t real_size; /* bytes of a PM_F32 item in PM_PLAIN */
  bool on_device;   /* the host cannot follow an operand's address, so no reference runs */
  size_t beside; /* steps may run beside so many before them: memory is not given away sooner than that behind its last
                    reader */
  const pm_implementation *list; /* the better first; on the host, an op without one runs its reference */
  size_t count;
  const pm_op *(*twin)(const pm_op *op); /* whose reference runs; NULL: the op's own */
  /* Bytes of a value in another form than PM_PLAIN, and the kernel that makes it, whose node is NULL. Without a
   * converter, or where it gives NULL, there is no such form, and implementations that need it decline. */
  size_t (*form_bytes)(const pm_value *value, pm_form form);
  size_t (*form_scratch)(const pm_value *value, pm_form form); /* for each thread; NULL: none */
  pm_kernel (*converter)(pm_form form);
  /* Whether this step's kernel makes its output 0 in a form, too, as one output more than it has. The conversion is
   * then no step of its own. NULL: none does. */
  bool (*makes)(const pm_step *step, pm_form form);
} pm_lowering_rules;

struct pm_lowered {
  pm_arena *arena;
  const pm_graph *graph;
  const pm_lowering_rules *rules;
  pm_operand **plain; /* by value number */
  pm_operand **operand;
  size_t operands, operand_capacity;
  pm_step *step;
  size_t steps, step_capacity;
  bool *needed, *fused; /* by node number; fused: done by another node's step */
  pm_reader **readers;  /* by value number */
  size_t scratch;       /* the most that a step needs for each thread */
};

/* The steps of what the kept values and the updated buffers need, nothing else. All of it lies in the arena. */
pm_lowered *pm_lower(const pm_graph *graph, const pm_lowering_rules *rules, pm_arena *arena);

/* ---- for implementations ---- */

/* The operand for a value (NULL for NULL), made by a conversion step if it is the first of its form. */
pm_operand *pm_lower_operand(pm_lowered *l, const pm_value *value, pm_form form);
/* Whether it can be had: not of what lies in a buffer that the same program updates, nor of a view of that. */
bool pm_lower_has_form(const pm_lowered *l, const pm_value *value, pm_form form);
/* A workspace for a step that is being made. */
pm_operand *pm_lower_workspace(pm_lowered *l, size_t bytes);
/* A step for the node, with its workspace but without operands, which the caller sets before appending it. Operands
 * that have to be converted first are so in the order in which they are asked for. */
pm_step pm_lower_step(pm_lowered *l, const pm_node *node, const pm_implementation *self);
void pm_lower_append(pm_lowered *l, pm_step step);

/* The needed node of this op that reads the value, if there is one and no more than `readers` nodes read it in all; a
 * value that is kept or lies in a buffer is read by the host, too: NULL. A group that has all readers may leave the
 * value out. */
const pm_node *pm_lower_reader(const pm_lowered *l, const pm_value *value, const pm_op *op, size_t readers);
/* The node is fused into the group: it gets no step of its own. */
void pm_lower_fuse(pm_lowered *l, const pm_node *node);
bool pm_lower_is_fused(const pm_lowered *l, const pm_node *node);

#ifdef __cplusplus
}
#endif
#endif
