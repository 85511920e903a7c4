#include "backend/cuda/program.h"

#include "backend/binding.h"
#include "backend/cuda/device.h"
#include "backend/cuda/kernels.h"
#include "backend/cuda/schedule.h"
#include "backend/work.h"

struct pm_program {
  pm_binding b;
  void *block;
  pm_cuda_conversion *conversion; /* room for those of a run */
  size_t runs;
  cudaGraphExec_t captured; /* NULL before the second run */
  cudaGraphExec_t loop;     /* of `looped` runs, each followed by the scalar's next number; NULL: none yet */
  size_t looped;
  const pm_buffer *counted; /* the scalar */
};

/* The kernels count the numbers of a value in 32 bits (launch.cuh), and a large batch has more. */
static void check_sizes(const pm_lowered *l) {
  const size_t most = INT32_MAX;
  for (size_t i = 0; i < l->steps; i++)
    for (int k = 0; k < l->step[i].outs; k++) {
      const pm_value *made = l->step[i].out[k]->value;
      if (pm_count(made) > most)
        pm_fail(PM_FAILED, NULL,
                "too large for the card: %s makes %zu numbers, and a kernel of the cuda backend %zu at most; expected "
                "smaller sprites, or fewer at a time",
                l->step[i].name, pm_count(made), most);
    }
}

pm_program *pm_cuda_compile_with(const pm_graph *graph, const pm_lowering_rules *rules) {
  pm_arena *arena = pm_arena_new();
  pm_program *p = pm_alloc(arena, 1, sizeof *p);
  p->b = pm_bind_lowered(graph, rules, arena);
  check_sizes(p->b.lowered);
  p->block = pm_cuda_memory(p->b.size.planned, "a program");
  pm_bind(&p->b, p->block, pm_cuda_queue());
  p->conversion = pm_alloc(arena, p->b.steps, sizeof *p->conversion);
  return p;
}

/* Those of parameters that have changed, together. No captured graph has them. */
static void convert_parameters(pm_program *p) {
  size_t n = 0;
  for (size_t i = 0; i < p->b.steps; i++) {
    pm_bound_step *step = &p->b.step[i];
    if (!step->source || pm_bound_is_current(step))
      continue;
    p->conversion[n++] = pm_cuda_conversion_of(&step->call, p->b.lowered->step[i].out[0]->form);
    step->version = step->source->version;
  }
  pm_cuda_convert(p->conversion, n, pm_cuda_queue());
}

/* All other steps, one after the other. */
static void run_steps(pm_program *p) {
  for (size_t i = 0; i < p->b.steps; i++)
    if (!p->b.step[i].source)
      pm_bound_run(&p->b.step[i]);
}

static void begin_capture(void) {
  pm_cuda_check(cudaStreamBeginCapture(pm_cuda_queue(), cudaStreamCaptureModeThreadLocal), "a capture");
}

static cudaGraph_t end_capture(void) {
  cudaGraph_t graph;
  pm_cuda_check(cudaStreamEndCapture(pm_cuda_queue(), &graph), "a capture");
  return graph;
}

static cudaGraph_t captured_step(pm_bound_step *step) {
  begin_capture();
  pm_bound_run(step);
  return end_capture();
}

/* Each step as a graph of its own within one, behind the steps that it waits for. nodes: how many each step has; may be
 * NULL. */
static cudaGraph_t captured_graph(pm_program *p, const pm_cuda_wait *waits, size_t *nodes) {
  pm_arena *scratch = pm_arena_new();
  cudaGraphNode_t *node = pm_alloc(scratch, p->b.steps, sizeof *node),
                  *behind = pm_alloc(scratch, p->b.steps, sizeof *node);
  cudaGraph_t graph;
  pm_cuda_check(cudaGraphCreate(&graph, 0), "a capture");
  for (size_t i = 0; i < p->b.steps; i++) {
    if (p->b.step[i].source)
      continue;
    cudaGraph_t step = captured_step(&p->b.step[i]);
    for (size_t k = 0; k < waits[i].steps; k++)
      behind[k] = node[waits[i].step[k]];
    pm_cuda_check(cudaGraphAddChildGraphNode(&node[i], graph, behind, waits[i].steps, step), "a capture");
    if (nodes)
      pm_cuda_check(cudaGraphGetNodes(step, NULL, &nodes[i]), "a capture");
    pm_cuda_check(cudaGraphDestroy(step), "a capture");
  }
  pm_arena_free(scratch);
  return graph;
}

static cudaGraphExec_t instantiated(cudaGraph_t graph) {
  cudaGraphExec_t exec;
  pm_cuda_check(cudaGraphInstantiate(&exec, graph, 0), "a capture");
  pm_cuda_check(cudaGraphDestroy(graph), "a capture");
  return exec;
}

static cudaGraph_t captured_run(pm_program *p) {
  pm_arena *scratch = pm_arena_new();
  cudaGraph_t graph = captured_graph(p, pm_cuda_waits(&p->b, scratch), NULL);
  pm_arena_free(scratch);
  return graph;
}

void pm_cuda_run(pm_program *p) {
  pm_cuda_send_scalars();
  convert_parameters(p);
  if (p->runs++ == 0) {
    run_steps(p);
  } else {
    if (!p->captured)
      p->captured = instantiated(captured_run(p));
    pm_cuda_check(cudaGraphLaunch(p->captured, pm_cuda_queue()), "a run");
  }
  pm_count_updates(&p->b);
}

/* `runs` times the program, then one more in the scalar. */
static cudaGraphExec_t captured_loop(pm_program *p, void *scalar, size_t runs) {
  cudaGraph_t graph, run = captured_run(p), count;
  cudaGraphNode_t last = NULL;
  begin_capture();
  pm_cuda_add_one(scalar, pm_cuda_queue());
  count = end_capture();
  pm_cuda_check(cudaGraphCreate(&graph, 0), "a capture");
  for (size_t i = 0; i < runs; i++) {
    cudaGraphNode_t next;
    pm_cuda_check(cudaGraphAddChildGraphNode(&next, graph, &last, i > 0, run), "a capture");
    pm_cuda_check(cudaGraphAddChildGraphNode(&last, graph, &next, 1, count), "a capture");
  }
  pm_cuda_check(cudaGraphDestroy(run), "a capture");
  pm_cuda_check(cudaGraphDestroy(count), "a capture");
  return instantiated(graph);
}

static void drop_loop(pm_program *p) {
  if (!p->loop)
    return;
  pm_cuda_check(cudaStreamSynchronize(pm_cuda_queue()), "the end of a loop");
  pm_cuda_check(cudaGraphExecDestroy(p->loop), "the end of a loop");
  p->loop = NULL;
}

/* Runs of a graph: it takes memory for each of their nodes. */
enum { LONGEST_LOOP = 64 };

void pm_cuda_run_counted(pm_program *p, pm_buffer *scalar, int64_t first, size_t runs) {
  const size_t length = runs < LONGEST_LOOP ? runs : LONGEST_LOOP;
  for (size_t done = 0; done < runs;) {
    const int64_t number = first + (int64_t)done;
    pm_cuda_write(scalar, 0, &number, 1);
    if (p->runs == 0 || length < 2 || runs - done < length) {
      pm_cuda_run(p);
      done++;
      continue;
    }
    if (p->looped != length || p->counted != scalar)
      drop_loop(p);
    if (!p->loop)
      p->loop = captured_loop(p, scalar->device, length);
    p->looped = length;
    p->counted = scalar;
    pm_cuda_send_scalars();
    convert_parameters(p);
    pm_cuda_check(cudaGraphLaunch(p->loop, pm_cuda_queue()), "a loop");
    pm_count_updates(&p->b);
    done += length;
  }
  const int64_t last = first + (int64_t)runs - 1; /* the card has counted one further */
  if (runs)
    pm_cuda_write(scalar, 0, &last, 1);
}

void pm_cuda_run_timed(pm_program *p, pm_step_time *steps) {
  cudaEvent_t begin, end;
  pm_cuda_send_scalars();
  pm_cuda_check(cudaEventCreateWithFlags(&begin, cudaEventDefault), "an event");
  pm_cuda_check(cudaEventCreateWithFlags(&end, cudaEventDefault), "an event");
  for (size_t i = 0; i < p->b.steps; i++) {
    const pm_step *from = &p->b.lowered->step[i];
    float milliseconds = 0;
    pm_cuda_check(cudaEventRecord(begin, pm_cuda_queue()), "an event");
    pm_bound_run(&p->b.step[i]);
    pm_cuda_check(cudaEventRecord(end, pm_cuda_queue()), "an event");
    pm_cuda_check(cudaEventSynchronize(end), from->name);
    pm_cuda_check(cudaEventElapsedTime(&milliseconds, begin, end), "an event");
    steps[i] = (pm_step_time){from->name, from->out[0]->value, 1e-3 * (double)milliseconds, pm_node_flops(from->node)};
  }
  cudaEventDestroy(begin);
  cudaEventDestroy(end);
  pm_count_updates(&p->b);
}

void pm_cuda_read_value(const pm_program *p, const pm_value *value, void *items) {
  const void *from = pm_bound_address(&p->b, p->b.lowered->plain[value->number]);
  const size_t bytes = pm_count(value) * pm_dtype_size(value->dtype);
  pm_cuda_check(cudaMemcpyAsync(items, from, bytes, cudaMemcpyDeviceToHost, pm_cuda_queue()), "a result");
  pm_cuda_check(cudaStreamSynchronize(pm_cuda_queue()), "a result");
}

static double bytes_of(pm_operand *const *operand, int n) {
  double bytes = 0;
  for (int k = 0; k < n; k++)
    bytes += operand[k] ? (double)operand[k]->bytes : 0;
  return bytes;
}

pm_cuda_step_work *pm_cuda_work_of(pm_program *p, pm_arena *arena) {
  pm_cuda_step_work *work = pm_alloc(arena, p->b.steps, sizeof *work);
  const pm_cuda_wait *waits = pm_cuda_waits(&p->b, arena);
  size_t *nodes = pm_alloc(arena, p->b.steps, sizeof *nodes);
  pm_cuda_check(cudaGraphDestroy(captured_graph(p, waits, nodes)), "a capture");
  for (size_t i = 0; i < p->b.steps; i++) {
    const pm_step *step = &p->b.lowered->step[i];
    work[i] = (pm_cuda_step_work){.name = step->name,
                                  .nodes = nodes[i],
                                  .bytes = bytes_of(step->in, step->ins) + bytes_of(step->out, step->outs),
                                  .flops = pm_node_flops(step->node),
                                  .waits = waits[i]};
  }
  return work;
}

pm_program_size pm_cuda_size(const pm_program *p) {
  return p->b.size;
}

void pm_cuda_free_program(pm_program *p) {
  if (!p)
    return;
  pm_cuda_check(cudaStreamSynchronize(pm_cuda_queue()), "the end of a program");
  if (p->captured)
    pm_cuda_check(cudaGraphExecDestroy(p->captured), "the end of a program");
  drop_loop(p);
  pm_cuda_check(cudaFree(p->block), "the end of a program");
  pm_arena_free(p->b.arena);
}
