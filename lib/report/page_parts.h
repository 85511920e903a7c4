/* What the files of the page share; private to them. */
#ifndef PM_REPORT_PAGE_PARTS_H
#define PM_REPORT_PAGE_PARTS_H

#include "report/page.h"

/* What is being written: the page, and how much room pictures have left in it. */
typedef struct {
  pm_arena *arena;
  pm_output *out;
  const pm_report *r;
  size_t room;
  size_t pictures; /* so far; numbers their ids */
} page;

/* From the doctype to the opened body; and the end. */
void page_head(const page *p);
void page_foot(const page *p);

/* Whether there is room for a picture, which then is taken. */
bool page_fits(page *p, const pm_picture *picture);
/* A figure whose picture scrolls and can be enlarged. `room`: whether there was room for it. */
void page_figure(page *p, const pm_picture *picture, bool room, const char *alt, const char *caption);

/* Whether all runs were trained on the same sprites, so that their scores can be held against each other. */
bool page_of_one_set(const page *p);

/* "138,371" */
const char *page_grouped(const page *p, size_t n);

/* Titles as one reads them out: "A", "A and B", "A, B and C". Begins as {.last = ""}. */
typedef struct {
  const char *rest, *last; /* all but the last, with commas between them; "" for none */
  size_t count;
} page_titles;

void page_titles_add(const page *p, page_titles *list, const char *title);
const char *page_titles_text(const page *p, const page_titles *list);

/* Which model to use, whether samples are copies, and the table of all scores; only if there are any. */
bool page_has_scores(const page *p);
void page_scores(const page *p);

#endif
