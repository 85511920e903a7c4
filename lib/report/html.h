/* Writing HTML: whatever comes from a file is escaped on its way, and pictures lie in the page itself. */
#ifndef PM_REPORT_HTML_H
#define PM_REPORT_HTML_H

#include "core/file.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The text with & < > " ' as entities; what HTML cannot hold (bytes that are no UTF-8, control characters other than
 * tab and newline) as U+FFFD. */
void pm_html_text(pm_output *out, const char *text);

/* Markup with texts in it: each %s is a const char * that is written by pm_html_text, %% is a percent sign, and there
 * is nothing else. Numbers are made texts first, by pm_format. */
void pm_html(pm_output *out, const char *markup, ...) PM_PRINTF(2, 3);

/* "data:TYPE;base64,…" */
void pm_html_data(pm_output *out, const char *type, const unsigned char *bytes, size_t length);

#ifdef __cplusplus
}
#endif
#endif
