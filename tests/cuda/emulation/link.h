/* A stand-in for NCCL between forked processes, each with an emulated card: bytes go through memory that they share. */
#ifndef EMULATED_LINK_H
#define EMULATED_LINK_H

#include "parallel/transport.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Before the processes are forked: how many they will be, and the most floats that each shows the others. */
void emulated_link_prepare(int size, size_t floats);
/* What joins the processes besides their cards; of it `gather` and `broadcast` alone. After it each says which it is.
 */
const pm_transport *emulated_transport(int rank);

#ifdef __cplusplus
}
#endif
#endif
