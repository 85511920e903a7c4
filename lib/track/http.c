#include "track/http.h"

#include "core/options.h"

#include <curl/curl.h>
#include <string.h>

enum { MOST_ANSWER = 64 << 20 };

struct pm_http {
  pm_http_settings settings;
  CURL *curl;
  char said[CURL_ERROR_SIZE];
};

static void release(void *object) {
  pm_http *http = object;
  curl_easy_cleanup(http->curl);
  curl_global_cleanup();
}

pm_http *pm_http_open(pm_arena *arena, pm_http_settings settings) {
  pm_http *http = pm_alloc(arena, 1, sizeof *http);
  http->settings = settings;
  if (curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK)
    http->curl = curl_easy_init();
  if (!http->curl)
    pm_fail(PM_FAILED, NULL, "libcurl cannot be started");
  pm_arena_defer(arena, release, http);
  return http;
}

typedef struct {
  pm_arena *arena;
  char *bytes;
  size_t length, capacity;
} received;

static size_t take(char *bytes, size_t size, size_t count, void *context) {
  received *r = context;
  size_t length = size * count;
  if (r->length + length > MOST_ANSWER)
    return 0; /* taken for an error */
  r->bytes = pm_grow(r->arena, r->bytes, &r->capacity, r->length + length + 1, 1);
  memcpy(r->bytes + r->length, bytes, length);
  r->length += length;
  r->bytes[r->length] = 0;
  return length;
}

typedef struct {
  const char *bytes;
  size_t left;
} sent;

static size_t give(char *to, size_t size, size_t count, void *context) {
  sent *s = context;
  size_t length = s->left < size * count ? s->left : size * count;
  memcpy(to, s->bytes, length);
  s->bytes += length;
  s->left -= length;
  return length;
}

static void set_credentials(const pm_http *http) {
  const pm_http_settings *s = &http->settings;
  if (s->user) {
    curl_easy_setopt(http->curl, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
    curl_easy_setopt(http->curl, CURLOPT_USERNAME, s->user);
    curl_easy_setopt(http->curl, CURLOPT_PASSWORD, s->password ? s->password : "");
  } else if (s->token) {
    curl_easy_setopt(http->curl, CURLOPT_HTTPAUTH, CURLAUTH_BEARER);
    curl_easy_setopt(http->curl, CURLOPT_XOAUTH2_BEARER, s->token);
  }
  if (s->certificates)
    curl_easy_setopt(http->curl, CURLOPT_CAINFO, s->certificates);
  if (s->insecure) {
    curl_easy_setopt(http->curl, CURLOPT_SSL_VERIFYPEER, 0L);
    curl_easy_setopt(http->curl, CURLOPT_SSL_VERIFYHOST, 0L);
  }
}

static void set_limits(const pm_http *http, bool upload) {
  long milliseconds = (long)(http->settings.timeout * 1000), seconds = (long)(http->settings.timeout + 1);
  curl_easy_setopt(http->curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(http->curl, CURLOPT_CONNECTTIMEOUT_MS, milliseconds);
  if (upload) {
    curl_easy_setopt(http->curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(http->curl, CURLOPT_LOW_SPEED_TIME, seconds);
  } else
    curl_easy_setopt(http->curl, CURLOPT_TIMEOUT_MS, milliseconds);
}

/* Numbers of libcurl that say that another try will end as this one did. */
static bool hopeless(CURLcode code) {
  static const CURLcode codes[] = {CURLE_UNSUPPORTED_PROTOCOL,     CURLE_URL_MALFORMAT,      CURLE_SSL_CACERT_BADFILE,
                                   CURLE_PEER_FAILED_VERIFICATION, CURLE_WEIRD_SERVER_REPLY, CURLE_WRITE_ERROR};
  for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
    if (codes[i] == code)
      return true;
  return false;
}

static const char *in_words(pm_http *http, pm_arena *arena, CURLcode code) {
  const char *said = *http->said ? http->said : curl_easy_strerror(code);
  switch (code) {
  case CURLE_OPERATION_TIMEDOUT:
    return pm_format(arena, "did not answer within %g s", http->settings.timeout);
  case CURLE_COULDNT_RESOLVE_HOST:
  case CURLE_COULDNT_CONNECT:
    return pm_format(arena, "cannot be reached (%s)", said);
  case CURLE_PARTIAL_FILE:
  case CURLE_GOT_NOTHING:
  case CURLE_RECV_ERROR:
  case CURLE_SEND_ERROR:
    return pm_format(arena, "broke off the connection (%s)", said);
  case CURLE_SSL_CACERT_BADFILE:
    return pm_format(arena, "certificates cannot be read from %s", http->settings.certificates);
  case CURLE_PEER_FAILED_VERIFICATION:
    return pm_format(arena, "has a certificate that is not trusted (%s)", said);
  case CURLE_WRITE_ERROR:
    return pm_format(arena, "answers more than %d MB", MOST_ANSWER >> 20);
  default:
    return pm_format(arena, "cannot be spoken to (%s)", said);
  }
}

pm_http_answer pm_http_send(pm_http *http, pm_arena *arena, const pm_http_request *request) {
  CURL *curl = http->curl;
  received in = {.arena = arena};
  sent out = {request->body, request->length};
  struct curl_slist *fields = NULL;
  curl_easy_reset(curl);
  *http->said = 0;
  set_credentials(http);
  set_limits(http, request->upload);
  curl_easy_setopt(curl, CURLOPT_URL, pm_format(arena, "%s%s", http->settings.base, request->path));
  /* On a connection that was used before, libcurl repeats a request by itself if the server closes it without a word;
   * but what was perhaps received must not be sent again unasked. */
  curl_easy_setopt(curl, CURLOPT_FORBID_REUSE, 1L);
  curl_easy_setopt(curl, CURLOPT_USERAGENT, pm_format(arena, "pixelmill/%s", pm_version));
  curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, http->said);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &in);
  if (request->type) {
    fields = curl_slist_append(NULL, pm_format(arena, "Content-Type: %s", request->type));
    fields = curl_slist_append(fields, "Expect:"); /* no round of asking whether the body is welcome */
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, fields);
    curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(curl, CURLOPT_READFUNCTION, give);
    curl_easy_setopt(curl, CURLOPT_READDATA, &out);
    curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)request->length);
  }
  curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request->method);
  CURLcode code = curl_easy_perform(curl);
  curl_slist_free_all(fields);

  pm_http_answer answer = {.type = "", .body = in.bytes ? in.bytes : pm_copy_text(arena, ""), .length = in.length};
  if (code != CURLE_OK) {
    answer.problem = in_words(http, arena, code);
    answer.hopeless = hopeless(code);
    return answer;
  }
  const char *type = NULL, *location = NULL;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer.status);
  curl_easy_getinfo(curl, CURLINFO_CONTENT_TYPE, &type);
  curl_easy_getinfo(curl, CURLINFO_REDIRECT_URL, &location);
  answer.type = type ? pm_copy_text(arena, type) : "";
  answer.location = location ? pm_copy_text(arena, location) : NULL;
  return answer;
}

const char *pm_http_escape(pm_arena *arena, const char *text) {
  static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  char *escaped = pm_alloc(arena, 3 * strlen(text) + 1, 1), *at = escaped;
  for (; *text; text++)
    if (strchr(plain, *text))
      *at++ = *text;
    else
      at += sprintf(at, "%%%02X", (unsigned char)*text);
  return escaped;
}
