/* The report: training runs side by side on one page of HTML that needs no other file, no network and no script. */
#ifndef PM_REPORT_PAGE_H
#define PM_REPORT_PAGE_H

#include "core/file.h"
#include "report/run.h"
#include "report/table.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
  const char *title;
  pm_picture comparison;   /* bytes NULL: none */
  const pm_table *figures; /* the first column names the rows; NULL: none */
  const char *commands;    /* what made all this, a line each; NULL: none */
  size_t runs;
  const pm_run *run; /* [runs], one at least */
} pm_report;

/* The page is HTML that is well-formed XML, too. All texts are escaped; equal content gives equal bytes. Pictures take
 * at most PM_REPORT_PICTURES bytes in all, and what the text leaves of PM_REPORT_BYTES: the comparison first, then what
 * is nearest, each run's last grid, then earlier ones; what does not fit is left out, and the page says so. */
enum { PM_REPORT_BYTES = 2000000, PM_REPORT_PICTURES = 1350000 };
void pm_report_write(pm_arena *arena, pm_output *out, const pm_report *report);

#ifdef __cplusplus
}
#endif
#endif
