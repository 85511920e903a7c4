/* Which tracking server, and how it is spoken to: from an option and MLflow's environment variables. */
#ifndef PM_TRACK_ADDRESS_H
#define PM_TRACK_ADDRESS_H

#include "track/http.h"

#ifdef __cplusplus
extern "C" {
#endif

/* `given` is an address, or NULL for MLFLOW_TRACKING_URI. Credentials come from the address ("http://user:password@…"),
 * which they are taken out of, else from MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, else from
 * MLFLOW_TRACKING_TOKEN; as in MLflow's own client, the name and password go before the token. Certificates:
 * MLFLOW_TRACKING_INSECURE_TLS and MLFLOW_TRACKING_SERVER_CERT_PATH. What is no address of a server ends the program
 * with status 2 and says what to do. The timeout is left 0. */
pm_http_settings pm_tracking_server(pm_arena *arena, const char *given);

#ifdef __cplusplus
}
#endif
#endif
