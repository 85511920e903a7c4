/* What the plugin exports. */
#include "backend/cuda/cuda.h"
#include "backend/cuda/device.h"
#include "backend/cuda/libraries.h"
#include "backend/plugin.h"

static const pm_backend *open_backend(int number, pm_precision precision, char *why, size_t size) {
  if (pm_cuda_open_card(number, why, size) || pm_cuda_open_libraries(why, size))
    return NULL;
  if (precision == PM_ANY_PRECISION)
    precision = pm_cuda_card_has_bf16() ? PM_BFLOAT16 : PM_FP32;
  return precision == PM_BFLOAT16 ? &pm_backend_cuda_bf16 : &pm_backend_cuda;
}

extern const pm_plugin pm_backend_plugin;
__attribute__((visibility("default"))) const pm_plugin pm_backend_plugin = {PM_BACKEND_ABI, open_backend};
