/* Requests to one server over HTTP, by libcurl. A request is tried once; whoever asks decides whether to try again. */
#ifndef PM_TRACK_HTTP_H
#define PM_TRACK_HTTP_H

#include "core/memory.h"

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
  const char *base;            /* "http://host:5000/prefix": neither credentials nor a slash at its end */
  const char *user, *password; /* basic authentication; NULL: none */
  const char *token;           /* else a bearer token; NULL: none */
  const char *certificates;    /* PEM file of the authorities to trust; NULL: the system's */
  bool insecure;               /* any certificate will do */
  double timeout;              /* seconds: to connect, for an answer, and without a byte of an upload */
} pm_http_settings;

typedef struct pm_http pm_http;

/* Closed with the arena. */
pm_http *pm_http_open(pm_arena *arena, pm_http_settings settings);

typedef struct {
  const char *method; /* "GET", "POST", "PUT" */
  const char *path;   /* behind the base, "/api/2.0/…", escaped */
  const char *type;   /* of the body, "application/json"; NULL without one */
  const void *body;
  size_t length;
  bool upload; /* of a file: it may take longer than the timeout while bytes flow */
} pm_http_request;

typedef struct {
  long status;          /* 200, 404, …; 0: there was no whole answer */
  const char *problem;  /* of status 0, in words: "cannot be reached (Connection refused)" */
  bool hopeless;        /* of status 0: the same request fails again (certificate refused, address malformed) */
  const char *type;     /* content type, "" for none */
  const char *location; /* where a redirect leads; NULL for none */
  char *body;           /* with a zero byte behind it */
  size_t length;
} pm_http_answer;

/* Redirects are not followed: credentials are for this server alone. The answer lies in the arena. */
pm_http_answer pm_http_send(pm_http *http, pm_arena *arena, const pm_http_request *request);

/* A text as part of a path or query: what is not a letter, digit, or one of -._~ as %XX. */
const char *pm_http_escape(pm_arena *arena, const char *text);

#ifdef __cplusplus
}
#endif
#endif
