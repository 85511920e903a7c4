/* How functions of headers are declared that are compiled for a device, too. A compiler for a device is given another
 * definition on its command line. */
#ifndef PM_CORE_INLINE_H
#define PM_CORE_INLINE_H

#ifndef PM_INLINE
#define PM_INLINE static inline
#endif

#endif
