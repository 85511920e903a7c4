# The time of a step in P processes: by what is counted (products, bytes) and four rates.
#   awk -v rate=GFLOP/s -v memory=GB/s -v link=GB/s -v latency=us -v cores=N -f scaling.awk
# Lines: RUN BATCH GFLOP MB [P MICRO_BATCHES]: a step's products and its gradient. With P: prints the milliseconds of a
# step; without: how many processes, each with a micro-batch, pay, and from which batch on two would. They pay as long as
# twice as many take a quarter off the step. rate: of the products in one process; memory: what a process reads and
# writes; link: to another process, 0 where they share memory; cores: processors that all processes share, 0 where each
# has its own.

# Bytes that go through memory, in gradients: Adam's seven; a micro-batch's gradient copied out, and added to another;
# the sum copied back; with others: a part of theirs added up, and over a link four copies by its software.
function through_memory(p, each) {
  return 7 + 2 * each + 3 * (each - 1) + 2 + (p > 1 ? 3 * (p - 1) / p + (link ? 8 : 0) : 0)
}

function step(gflop, mb, p, micro_batches,   each, busy, pieces) {
  if (micro_batches == 1) return gflop / rate * 1e3 + 7 * mb / memory
  each = micro_batches / p
  busy = cores && p > cores ? p / cores : 1
  pieces = p > 1 ? 2 * (link ? int(mb / 8 + 1) : 1) : 0
  return busy * (gflop / p / rate * 1e3 + through_memory(p, each) * mb / memory) + \
    (link ? 2 * (p - 1) / p * mb / link : 0) + pieces * latency / 1e3
}

NF >= 5 { printf "%.2g\n", step($3, $4, $5, $6); next }
function pays(gflop, mb, p) { return step(gflop, mb, 2 * p, 2 * p) <= 0.75 * step(gflop, mb, p, p) }
{
  for (p = 1; 2 * p <= $2 && pays($3, $4, p); p *= 2);
  for (batch = 2; !pays($3 * batch / $2, $4, 1); batch += 2);
  print $1, p, batch
}
