/* The look of the report's page. */
#ifndef PM_REPORT_STYLE_H
#define PM_REPORT_STYLE_H

/* A style sheet: light and dark, narrow and wide. */
extern const char pm_report_style[];

#endif
