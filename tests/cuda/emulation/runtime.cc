/* The runtime's calls: memory, one stream, events, captured graphs. */
#include "emulation_parts.h"

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <random>
#include <sys/mman.h>
#include <unistd.h>
#include <vector>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#define POISON(at, bytes) __asan_poison_memory_region(at, bytes)
#define CLEANSE(at, bytes) __asan_unpoison_memory_region(at, bytes)
#else
#define POISON(at, bytes) ((void)0)
#define CLEANSE(at, bytes) ((void)0)
#endif

typedef std::vector<std::function<void()>> work_list;

struct emulated_stream {
  work_list pending;
  work_list *captured; /* NULL: no capture */
};
struct emulated_event {
  double milliseconds;
};
/* A step of a graph, and the numbers of those that it comes behind. */
struct graph_node {
  std::function<void()> work;
  std::vector<size_t> behind;
};
struct emulated_graph {
  std::vector<graph_node> nodes;
};
struct emulated_exec {
  std::vector<graph_node> nodes;
};

namespace {

/* `at` ends where the mapping does but for its last page, which nobody may touch. */
struct allocation {
  char *map, *at;
  size_t mapped, bytes;
};

enum { ALIGNMENT = 256 };

std::vector<allocation> blocks;
std::vector<std::pair<const char *, size_t>> pinned;
emulated_stream the_stream;

size_t limit() { /* of the device's memory; a test may set it */
  const char *text = getenv("EMULATED_MEMORY");
  return text ? strtoull(text, nullptr, 10) : (size_t)4 << 30;
}

size_t used() {
  size_t sum = 0;
  for (const allocation &a : blocks)
    sum += a.mapped;
  return sum;
}

size_t page() {
  return (size_t)sysconf(_SC_PAGESIZE);
}

void protect(int how) {
  for (const allocation &a : blocks)
    mprotect(a.map, a.mapped - page(), how);
}

bool busy;

void drain() {
  work_list now;
  now.swap(the_stream.pending);
  if (now.empty() || busy)
    return;
  busy = true;
  protect(PROT_READ | PROT_WRITE);
  for (const std::function<void()> &f : now)
    f();
  protect(PROT_NONE);
  busy = false;
}

cudaError_t submit(std::function<void()> f) {
  (the_stream.captured ? *the_stream.captured : the_stream.pending).push_back(std::move(f));
  return cudaSuccess;
}

/* All nodes, in an order that the edges allow and that is as far from that of their making as can be: of those that
 * are ready the last. So what lacks an edge shows. EMULATED_ORDER=1 takes the first, more shuffle. */
void run_nodes(const std::vector<graph_node> &nodes) {
  const char *text = getenv("EMULATED_ORDER");
  const unsigned kind = text ? (unsigned)atoi(text) : 0;
  std::mt19937 random(kind);
  std::vector<size_t> waits(nodes.size()), ready;
  std::vector<std::vector<size_t>> then(nodes.size());
  for (size_t i = 0; i < nodes.size(); i++) {
    waits[i] = nodes[i].behind.size();
    for (size_t before : nodes[i].behind)
      then[before].push_back(i);
    if (!waits[i])
      ready.push_back(i);
  }
  while (!ready.empty()) {
    const auto last = std::max_element(ready.begin(), ready.end()),
               first = std::min_element(ready.begin(), ready.end());
    const auto next = kind == 0 ? last : kind == 1 ? first : ready.begin() + (long)(random() % ready.size());
    const size_t now = *next;
    ready.erase(next);
    nodes[now].work();
    for (size_t i : then[now])
      if (--waits[i] == 0)
        ready.push_back(i);
  }
}

bool is_pinned(const void *p, size_t bytes) {
  for (const auto &block : pinned)
    if ((const char *)p >= block.first && (const char *)p + bytes <= block.first + block.second)
      return true;
  return false;
}

double milliseconds_now() {
  timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return 1e3 * (double)t.tv_sec + 1e-6 * (double)t.tv_nsec;
}

} // namespace

namespace emulated {
cudaError_t launch(size3 grid, size3 block, std::function<void()> body) {
  if (!is_launchable(grid, block))
    return cudaErrorInvalidConfiguration;
  return submit([=] { run_kernel(grid, block, body); });
}
} // namespace emulated

const char *cudaGetErrorString(cudaError_t error) {
  switch (error) {
  case cudaSuccess:
    return "no error";
  case cudaErrorMemoryAllocation:
    return "out of memory";
  case cudaErrorNoDevice:
    return "no CUDA-capable device is detected";
  case cudaErrorInvalidConfiguration:
    return "invalid configuration argument";
  case cudaErrorStreamCaptureUnsupported:
    return "operation not permitted when stream is capturing";
  default:
    return "invalid argument";
  }
}
cudaError_t cudaGetLastError(void) {
  return cudaSuccess;
}
cudaError_t cudaDriverGetVersion(int *version) {
  *version = CUDART_VERSION;
  return cudaSuccess;
}
cudaError_t cudaGetDeviceCount(int *count) {
  *count = 1;
  return cudaSuccess;
}
cudaError_t cudaSetDevice(int device) {
  return device == 0 ? cudaSuccess : cudaErrorInvalidValue;
}
cudaError_t cudaGetDeviceProperties(cudaDeviceProp *properties, int device) {
  *properties = {"a processor", 9, 0};
  return device == 0 ? cudaSuccess : cudaErrorInvalidValue;
}
cudaError_t cudaMemGetInfo(size_t *free, size_t *total) {
  *total = limit();
  *free = limit() > used() ? limit() - used() : 0;
  return cudaSuccess;
}

cudaError_t cudaMalloc(void **block, size_t bytes) {
  if (the_stream.captured)
    return cudaErrorStreamCaptureUnsupported;
  allocation a;
  a.bytes = (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  a.mapped = (a.bytes + page() - 1) / page() * page() + page();
  if (used() + a.mapped > limit())
    return cudaErrorMemoryAllocation;
  a.map = (char *)mmap(nullptr, a.mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (a.map == MAP_FAILED)
    return cudaErrorMemoryAllocation;
  a.at = a.map + a.mapped - page() - a.bytes;
  memset(a.at, 0xff, a.bytes);
  POISON(a.map, a.mapped);
  CLEANSE(a.at, bytes);
  mprotect(a.map, a.mapped, PROT_NONE);
  blocks.push_back(a);
  *block = a.at;
  return cudaSuccess;
}
cudaError_t cudaFree(void *block) {
  if (the_stream.captured)
    return cudaErrorStreamCaptureUnsupported;
  drain();
  for (size_t i = 0; i < blocks.size(); i++)
    if (blocks[i].at == block) {
      CLEANSE(blocks[i].map, blocks[i].mapped);
      munmap(blocks[i].map, blocks[i].mapped);
      blocks.erase(blocks.begin() + (long)i);
      return cudaSuccess;
    }
  return block ? cudaErrorInvalidValue : cudaSuccess;
}
cudaError_t cudaMallocHost(void **block, size_t bytes) {
  if (the_stream.captured)
    return cudaErrorStreamCaptureUnsupported;
  *block = malloc(bytes);
  if (!*block)
    return cudaErrorMemoryAllocation;
  memset(*block, 0xff, bytes);
  pinned.push_back({(const char *)*block, bytes});
  return cudaSuccess;
}
cudaError_t cudaFreeHost(void *block) {
  drain();
  for (size_t i = 0; i < pinned.size(); i++)
    if (pinned[i].first == block) {
      pinned.erase(pinned.begin() + (long)i);
      free(block);
      return cudaSuccess;
    }
  return cudaErrorInvalidValue;
}
/* Ordinary memory of the host is copied before the call returns, as a card's driver does; pinned memory when its turn
 * comes. */
cudaError_t cudaMemcpyAsync(void *to, const void *from, size_t bytes, cudaMemcpyKind kind, cudaStream_t) {
  if (kind == cudaMemcpyHostToDevice && !is_pinned(from, bytes)) {
    if (the_stream.captured)
      return cudaErrorStreamCaptureUnsupported;
    std::vector<char> kept((const char *)from, (const char *)from + bytes);
    return submit([=] { memcpy(to, kept.data(), bytes); });
  }
  submit([=] { memcpy(to, from, bytes); });
  if (kind == cudaMemcpyDeviceToHost && !is_pinned(to, bytes))
    drain();
  return cudaSuccess;
}
cudaError_t cudaMemsetAsync(void *to, int value, size_t bytes, cudaStream_t) {
  return submit([=] { memset(to, value, bytes); });
}

cudaError_t cudaStreamCreateWithFlags(cudaStream_t *stream, unsigned) {
  *stream = &the_stream;
  return cudaSuccess;
}
cudaError_t cudaStreamSynchronize(cudaStream_t) {
  if (the_stream.captured)
    return cudaErrorStreamCaptureUnsupported;
  drain();
  return cudaSuccess;
}
cudaError_t cudaEventCreateWithFlags(cudaEvent_t *event, unsigned) {
  *event = new emulated_event();
  return cudaSuccess;
}
cudaError_t cudaEventDestroy(cudaEvent_t event) {
  drain();
  delete event;
  return cudaSuccess;
}
cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t) {
  return submit([=] { event->milliseconds = milliseconds_now(); });
}
cudaError_t cudaEventSynchronize(cudaEvent_t) {
  return cudaStreamSynchronize(&the_stream);
}
cudaError_t cudaEventElapsedTime(float *milliseconds, cudaEvent_t from, cudaEvent_t to) {
  *milliseconds = (float)(to->milliseconds - from->milliseconds);
  return cudaSuccess;
}

cudaError_t cudaStreamBeginCapture(cudaStream_t, cudaStreamCaptureMode) {
  if (the_stream.captured)
    return cudaErrorInvalidValue;
  the_stream.captured = new work_list;
  return cudaSuccess;
}
cudaError_t cudaStreamEndCapture(cudaStream_t, cudaGraph_t *graph) {
  if (!the_stream.captured)
    return cudaErrorInvalidValue;
  *graph = new emulated_graph;
  for (std::function<void()> &f : *the_stream.captured) { /* one behind the other */
    const size_t n = (*graph)->nodes.size();
    (*graph)->nodes.push_back({std::move(f), n ? std::vector<size_t>{n - 1} : std::vector<size_t>{}});
  }
  delete the_stream.captured;
  the_stream.captured = nullptr;
  return cudaSuccess;
}
cudaError_t cudaGraphCreate(cudaGraph_t *graph, unsigned) {
  *graph = new emulated_graph;
  return cudaSuccess;
}
/* A node's handle is its number in its graph, plus one. */
cudaError_t cudaGraphAddChildGraphNode(cudaGraphNode_t *node, cudaGraph_t graph, const cudaGraphNode_t *behind,
                                       size_t count, cudaGraph_t child) {
  graph_node added = {[nodes = child->nodes] { run_nodes(nodes); }, {}};
  for (size_t i = 0; i < count; i++) {
    const size_t before = (size_t)behind[i] - 1;
    if (before >= graph->nodes.size())
      return cudaErrorInvalidValue;
    added.behind.push_back(before);
  }
  graph->nodes.push_back(added);
  *node = (cudaGraphNode_t)graph->nodes.size();
  return cudaSuccess;
}
cudaError_t cudaGraphGetNodes(cudaGraph_t graph, cudaGraphNode_t *, size_t *count) {
  *count = graph->nodes.size();
  return cudaSuccess;
}
cudaError_t cudaGraphInstantiate(cudaGraphExec_t *exec, cudaGraph_t graph, unsigned long long) {
  *exec = new emulated_exec{graph->nodes};
  return cudaSuccess;
}
cudaError_t cudaGraphLaunch(cudaGraphExec_t exec, cudaStream_t) {
  if (the_stream.captured)
    return cudaErrorStreamCaptureUnsupported;
  return submit([exec] { run_nodes(exec->nodes); });
}
cudaError_t cudaGraphDestroy(cudaGraph_t graph) {
  delete graph;
  return cudaSuccess;
}
cudaError_t cudaGraphExecDestroy(cudaGraphExec_t exec) {
  drain();
  delete exec;
  return cudaSuccess;
}
