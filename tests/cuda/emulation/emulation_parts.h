/* What the files of the emulation share. */
#ifndef EMULATION_PARTS_H
#define EMULATION_PARTS_H

#include "emulation.h"

namespace emulated {

/* Whether a card would take such a launch. */
bool is_launchable(size3 grid, size3 block);
/* All blocks, one after the other, now. */
void run_kernel(size3 grid, size3 block, const std::function<void()> &kernel);

} // namespace emulated

#endif
