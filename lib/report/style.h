/* The look of the pages: the report's, the one that draws, and the book of the tutorials (pipeline/book.sh). */
#ifndef PM_REPORT_STYLE_H
#define PM_REPORT_STYLE_H

/* The colours that all three share, as properties of :root: --ink, --soft, --paper, --panel, --line, --first, --other
 * and more, for a light and a dark screen. */
extern const char pm_page_colours[];

/* The rest of the report's style sheet: narrow and wide. */
extern const char pm_report_style[];

#endif
