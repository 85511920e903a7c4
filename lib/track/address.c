#include "track/address.h"

#include "core/options.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* NULL where it is not set or empty. */
static const char *variable(const char *name) {
  const char *value = getenv(name);
  return value && *value ? value : NULL;
}

static bool is_true(const char *name) {
  static const char *const yes[] = {"true", "1", "True", "TRUE"}, *const no[] = {"false", "0", "False", "FALSE"};
  const char *value = variable(name);
  for (int i = 0; value && i < 4; i++) {
    if (strcmp(value, yes[i]) == 0)
      return true;
    if (strcmp(value, no[i]) == 0)
      return false;
  }
  if (value)
    pm_wrong_usage("%s is '%s', expected true or false", name, value);
  return false;
}

/* %XX as the byte. */
static char *unescaped(pm_arena *arena, const char *text, size_t length) {
  char *plain = pm_format(arena, "%.*s", (int)length, text), *to = plain;
  for (const char *at = plain; *at; at++)
    if (at[0] == '%' && isxdigit((unsigned char)at[1]) && isxdigit((unsigned char)at[2])) {
      *to++ = (char)strtol((char[]){at[1], at[2], 0}, NULL, 16);
      at += 2;
    } else
      *to++ = *at;
  *to = 0;
  return plain;
}

/* "http://user:password@host/": moves the credentials out of the address. */
static void split(pm_arena *arena, const char *text, pm_http_settings *s) {
  const char *host = strstr(text, "://") + 3;
  size_t length = strcspn(host, "/?#");
  const char *at = NULL; /* the last, since a password may hold one */
  for (size_t i = 0; i < length; i++)
    if (host[i] == '@')
      at = host + i;
  if (at) {
    const char *colon = memchr(host, ':', (size_t)(at - host)), *end = colon ? colon : at;
    s->user = unescaped(arena, host, (size_t)(end - host));
    s->password = colon ? unescaped(arena, colon + 1, (size_t)(at - colon - 1)) : NULL;
  }
  char *base = pm_format(arena, "%.*s%s", (int)(host - text), text, at ? at + 1 : host);
  for (size_t n = strlen(base); n > 0 && base[n - 1] == '/'; n--)
    base[n - 1] = 0;
  s->base = base;
}

static bool begins(const char *text, const char *prefix) {
  return strncmp(text, prefix, strlen(prefix)) == 0;
}

pm_http_settings pm_tracking_server(pm_arena *arena, const char *given) {
  pm_http_settings s = {0};
  const char *text = given ? given : variable("MLFLOW_TRACKING_URI");
  if (!text)
    pm_wrong_usage("no tracking server is named; expected --server http://HOST:PORT or MLFLOW_TRACKING_URI");
  if (!begins(text, "http://") && !begins(text, "https://"))
    pm_wrong_usage("%s '%s' is no address of a server, expected http:// or https://; 'mlflow server "
                   "--backend-store-uri sqlite:///mlflow.db' starts one on http://127.0.0.1:5000",
                   given ? "--server" : "MLFLOW_TRACKING_URI", strchr(text, '@') ? "(hidden)" : text);
  split(arena, text, &s);
  const char *host = strstr(s.base, "://");
  if (!host || strpbrk(s.base, "?# ") || strchr(":/", host[3]))
    pm_wrong_usage("'%s' is no address of a server, expected http://HOST:PORT", s.base);
  if (!s.user && variable("MLFLOW_TRACKING_USERNAME") && variable("MLFLOW_TRACKING_PASSWORD")) {
    s.user = variable("MLFLOW_TRACKING_USERNAME");
    s.password = variable("MLFLOW_TRACKING_PASSWORD");
  }
  s.token = variable("MLFLOW_TRACKING_TOKEN");
  s.insecure = is_true("MLFLOW_TRACKING_INSECURE_TLS");
  s.certificates = variable("MLFLOW_TRACKING_SERVER_CERT_PATH");
  if (s.insecure && s.certificates)
    pm_wrong_usage("MLFLOW_TRACKING_INSECURE_TLS and MLFLOW_TRACKING_SERVER_CERT_PATH exclude each other");
  return s;
}
