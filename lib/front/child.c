#include "front/child.h"

#include "core/file.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NOT_STARTED = 127, LINE_BYTES = 1024 };

bool pm_is_program(const char *path) {
  struct stat status;
  return stat(path, &status) == 0 && S_ISREG(status.st_mode) && access(path, X_OK) == 0;
}

const char *pm_find_program(pm_arena *arena, const char *const *names) {
  const char *path = getenv("PATH");
  for (; path && *names; names++)
    for (const char *folder = path; *folder; folder += *folder == ':') {
      size_t length = strcspn(folder, ":");
      const char *file = pm_join(arena, length ? pm_format(arena, "%.*s", (int)length, folder) : ".", *names);
      if (pm_is_program(file))
        return file;
      folder += length;
    }
  return NULL;
}

/* ---- one that is waited for ---- */

static volatile sig_atomic_t child;

static void pass_on(int signal_number) {
  if (child > 0)
    kill((pid_t)child, signal_number);
}

static const int taken[] = {SIGINT, SIGQUIT, SIGTERM, SIGHUP};
enum { TAKEN = sizeof taken / sizeof *taken };

static void take_signals(struct sigaction before[TAKEN]) {
  for (int i = 0; i < TAKEN; i++) {
    struct sigaction action = {0};
    action.sa_handler = taken[i] == SIGINT || taken[i] == SIGQUIT ? SIG_IGN : pass_on;
    sigemptyset(&action.sa_mask);
    action.sa_flags = SA_RESTART;
    sigaction(taken[i], NULL, &before[i]);
    if (before[i].sa_handler != SIG_IGN) /* as under nohup */
      sigaction(taken[i], &action, NULL);
  }
}

static void give_signals_back(const struct sigaction before[TAKEN]) {
  for (int i = 0; i < TAKEN; i++)
    sigaction(taken[i], &before[i], NULL);
}

static int wait_for(pid_t pid) {
  int status;
  while (waitpid(pid, &status, 0) == -1)
    if (errno != EINTR)
      pm_fail(PM_FAILED, NULL, "cannot wait for a program: %s", strerror(errno));
  return status;
}

int pm_run_child(char *const *argv, void (*clean_up)(void)) {
  struct sigaction before[TAKEN];
  fflush(NULL);
  take_signals(before);
  pid_t pid = fork();
  if (pid == 0) {
    give_signals_back(before);
    execv(argv[0], argv);
    pm_warn(argv[0], "cannot be started: %s", strerror(errno));
    _exit(NOT_STARTED);
  }
  if (pid == -1)
    pm_fail(PM_FAILED, argv[0], "cannot be started: %s", strerror(errno));
  child = pid;
  int status = wait_for(pid);
  child = 0;
  if (clean_up)
    clean_up();
  give_signals_back(before);
  if (WIFSIGNALED(status)) {
    signal(WTERMSIG(status), SIG_DFL);
    raise(WTERMSIG(status));
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : PM_FAILED;
}

/* ---- one that is asked ---- */

static void answer_into(int to, const char *path, const char *option) {
  int nowhere = open("/dev/null", O_RDWR);
  dup2(to, STDOUT_FILENO);
  dup2(nowhere, STDIN_FILENO);
  dup2(nowhere, STDERR_FILENO);
  execl(path, path, option, (char *)NULL);
  _exit(NOT_STARTED);
}

const char *pm_first_line(pm_arena *arena, const char *path, const char *option) {
  int ends[2];
  if (pipe(ends) == -1)
    return NULL;
  fflush(NULL);
  pid_t pid = fork();
  if (pid == 0)
    answer_into(ends[1], path, option);
  close(ends[1]);
  char line[LINE_BYTES], rest[LINE_BYTES];
  size_t length = 0;
  for (ssize_t got; length < sizeof line - 1 && (got = read(ends[0], line + length, sizeof line - 1 - length)) > 0;)
    length += (size_t)got;
  while (read(ends[0], rest, sizeof rest) > 0)
    ; /* so that it does not end at a closed pipe */
  close(ends[0]);
  if (pid == -1 || wait_for(pid) != 0)
    return NULL;
  line[length] = 0;
  line[strcspn(line, "\n")] = 0;
  return *line ? pm_copy_text(arena, line) : NULL;
}
