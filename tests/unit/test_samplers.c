/* Noise schedules and samplers against closed forms. Where the data are normal, the best denoiser is linear, what a
 * sampler makes of a normal x is normal, and its mean and variance can be followed through the table exactly. */
#include "check.h"

#include "methods/diffusion_sampler.h"
#include "methods/noise_schedule.h"

#include <math.h>

static const double PI = 3.14159265358979323846;

static void near(const char *what, double got, double want, double tolerance) {
  if (!(fabs(got - want) <= tolerance))
    fail_msg("%s is %.12g, expected %.12g within %g", what, got, want, tolerance);
}

static double *schedule(pm_arena *arena, size_t T, pm_schedule_kind kind, bool end_in_noise) {
  double *alpha_bar = pm_alloc(arena, T, sizeof *alpha_bar);
  pm_noise_schedule(alpha_bar, T, kind, 1e-4, 0.02, end_in_noise);
  return alpha_bar;
}

static void falls(const double *alpha_bar, size_t T) {
  for (size_t t = 0; t < T; t++)
    assert_true(alpha_bar[t] < (t ? alpha_bar[t - 1] : 1) && alpha_bar[t] >= 0);
}

/* ---- schedules ---- */

static void the_linear_schedule(void **state) {
  enum { T = 1000 };
  (void)state;
  pm_arena *arena = pm_arena_new();
  const double *alpha_bar = schedule(arena, T, PM_SCHEDULE_LINEAR, false);
  falls(alpha_bar, T);
  double sum = 0; /* of logarithms, where the schedule multiplies */
  for (size_t t = 0; t < T; t++) {
    sum += log1p(-(1e-4 * (double)(T - 1 - t) + 0.02 * (double)t) / (T - 1));
    near("log alpha_bar", log(alpha_bar[t]), sum, 1e-11);
  }
  near("the first", alpha_bar[0], 0.9999, 1e-15);
  near("the last", alpha_bar[T - 1], 4.0358e-5, 5e-10); /* as published implementations have it */
  /* 200 steps of the same betas end with a third of the picture's amplitude. */
  const double *shorter = schedule(arena, 200, PM_SCHEDULE_LINEAR, false);
  near("the last of 200", shorter[199], 0.132, 5e-4);
  near("its amplitude", sqrt(shorter[199]), 0.363, 1e-3);
  pm_noise_schedule((double *)shorter, 1, PM_SCHEDULE_LINEAR, 1e-4, 0.02, true);
  near("the only one", shorter[0], 0.98, 1e-15);
  pm_arena_free(arena);
}

static void the_cosine_schedule(void **state) {
  static const size_t lengths[] = {10, 200, 1000};
  (void)state;
  pm_arena *arena = pm_arena_new();
  for (size_t k = 0; k < 3; k++) {
    size_t T = lengths[k];
    const double *alpha_bar = schedule(arena, T, PM_SCHEDULE_COSINE, false);
    falls(alpha_bar, T);
    double begin = pow(cos(0.008 / 1.008 * PI / 2), 2);
    for (size_t t = 0; t + 1 < T; t++) {
      double here = pow(cos(((double)(t + 1) / (double)T + 0.008) / 1.008 * PI / 2), 2) / begin;
      near("alpha_bar", alpha_bar[t], here, 1e-13);
    }
    near("the last beta", 1 - alpha_bar[T - 1] / alpha_bar[T - 2], 0.999, 1e-12); /* 1 without the cut */
  }
  pm_arena_free(arena);
}

static void schedules_that_end_in_noise(void **state) {
  (void)state;
  pm_arena *arena = pm_arena_new();
  for (int kind = 0; kind < 2; kind++) {
    enum { T = 500 };
    const double *before = schedule(arena, T, (pm_schedule_kind)kind, false);
    const double *after = schedule(arena, T, (pm_schedule_kind)kind, true);
    falls(after, T);
    assert_true(after[T - 1] == 0);
    near("the first", after[0], before[0], 1e-15);
    /* The amplitude is stretched evenly. */
    double slope = (sqrt(after[0]) - sqrt(after[T - 1])) / (sqrt(before[0]) - sqrt(before[T - 1]));
    for (size_t t = 0; t < T; t++)
      near("alpha", sqrt(after[t]), sqrt(after[0]) + slope * (sqrt(before[t]) - sqrt(before[0])), 1e-14);
  }
  pm_arena_free(arena);
}

/* The logarithm of alpha / sigma falls from knot to knot in straight lines, from the first time to the last. */
static void times_by_information(void **state) {
  enum { T = 1001 };
  static const struct {
    size_t t;
    double signal;
  } at[] = {{0, 3.1},     {10, 2.464954} /* half of the way to the next knot */,
            {20, 1.96},   {190, 1.38},
            {400, 1},     {590, 0.73},
            {740, 0.51},  {870, 0.325},
            {960, 0.158}, {980, 0.056214},
            {1000, 0.02}};
  (void)state;
  pm_arena *arena = pm_arena_new();
  const double *alpha_bar = schedule(arena, T, PM_SCHEDULE_INFORMATION, false);
  for (size_t i = 0; i < sizeof at / sizeof *at; i++)
    near("alpha / sigma", sqrt(alpha_bar[at[i].t] / (1 - alpha_bar[at[i].t])), at[i].signal, 1e-6);
  for (size_t t = 1; t < T; t++)
    assert_true(alpha_bar[t] < alpha_bar[t - 1]);
  const double *one = schedule(arena, 1, PM_SCHEDULE_INFORMATION, false);
  near("alone", sqrt(one[0] / (1 - one[0])), PM_LEAST_SIGNAL, 1e-12);
  pm_arena_free(arena);
}

/* ---- tables ---- */

static void times_are_evenly_spaced(void **state) {
  (void)state;
  pm_arena *arena = pm_arena_new();
  const double *alpha_bar = schedule(arena, 1000, PM_SCHEDULE_LINEAR, false);
  pm_sampler_table fifty = pm_sampler_table_new(arena, PM_DDIM, PM_PREDICT_EPS, alpha_bar, 1000, 50, 0);
  for (size_t i = 0; i < 50; i++)
    assert_true(fifty.t[i] == (float)(999 - 20 * i)); /* 999, 979, …, 19 */
  pm_sampler_table all = pm_sampler_table_new(arena, PM_ANCESTRAL, PM_PREDICT_EPS, alpha_bar, 1000, 1000, 0);
  for (size_t i = 0; i < 1000; i++)
    assert_true(all.t[i] == (float)(999 - i));
  pm_sampler_table three = pm_sampler_table_new(arena, PM_DDIM, PM_PREDICT_EPS, alpha_bar, 10, 3, 0);
  assert_true(three.t[0] == 9 && three.t[1] == 6 && three.t[2] == 3);
  pm_sampler_table one = pm_sampler_table_new(arena, PM_DDIM, PM_PREDICT_EPS, alpha_bar, 10, 1, 0);
  assert_true(one.t[0] == 9 && one.B[0] == 1 && one.A[0] == 0 && one.C[0] == 0);
  pm_arena_free(arena);
}

/* Ho et al., equations 6 and 7, at every time. */
static void the_ancestral_sampler_is_the_posterior(void **state) {
  enum { T = 1000 };
  (void)state;
  pm_arena *arena = pm_arena_new();
  const double *alpha_bar = schedule(arena, T, PM_SCHEDULE_LINEAR, false);
  pm_sampler_table table = pm_sampler_table_new(arena, PM_ANCESTRAL, PM_PREDICT_EPS, alpha_bar, T, T, 0);
  for (size_t t = 1; t < T; t++) {
    size_t i = T - 1 - t;
    double beta = 1e-4 + (0.02 - 1e-4) * (double)t / (T - 1), rest = 1 - alpha_bar[t],
           rest_before = 1 - alpha_bar[t - 1];
    near("of x0", table.B[i], sqrt(alpha_bar[t - 1]) * beta / rest, 1e-6);
    near("of x", table.A[i], sqrt(1 - beta) * rest_before / rest, 1e-6);
    near("of noise", table.C[i], sqrt(rest_before / rest * beta), 1e-6);
    assert_true(table.D[i] == 0);
  }
  pm_arena_free(arena);
}

static void blend_and_printed_are_as_documented(void **state) {
  enum { T = 200, RUNS = 40 };
  (void)state;
  pm_arena *arena = pm_arena_new();
  const double *alpha_bar = schedule(arena, T, PM_SCHEDULE_LINEAR, false);
  pm_sampler_table blend = pm_sampler_table_new(arena, PM_BLEND, PM_PREDICT_X0, alpha_bar, T, RUNS, 0);
  pm_sampler_table printed = pm_sampler_table_new(arena, PM_PRINTED, PM_PREDICT_X0, alpha_bar, T, RUNS, 0);
  for (size_t i = 0; i < RUNS; i++) {
    bool last = i + 1 == RUNS;
    size_t t = T - 1 - 5 * i;
    double keep = last ? 0 : (1 - alpha_bar[t - 5]) / (1 - alpha_bar[t]);
    near("of x", blend.A[i], keep, 1e-6);
    near("of x0", blend.B[i], 1 - keep, 1e-6);
    assert_true(last || (keep > 0.01 && keep < 0.999)); /* it moves */
    /* The listing's factor clamp(alpha_bar[t-1] / alpha_bar[t], 0, 1) is 1. */
    assert_true(last || alpha_bar[t - 5] / alpha_bar[t] >= 1);
    assert_true(printed.A[i] == !last && printed.B[i] == last);
    assert_true(blend.C[i] == 0 && blend.D[i] == 0);
    assert_true(printed.C[i] == 0 && printed.D[i] == 0);
  }
  pm_arena_free(arena);
}

static void tables_are_finite(void **state) {
  static const size_t steps[] = {1, 2, 3, 7, 50, 100};
  (void)state;
  pm_arena *arena = pm_arena_new();
  for (int k = 0; k < 6; k++)
    for (int s = 0; s < 4; s++)
      for (int kind = PM_ANCESTRAL; kind <= PM_PRINTED; kind++)
        for (int p = PM_PREDICT_EPS; p <= PM_PREDICT_V; p++) {
          double alpha_bar[100];
          /* from betas of 0 on, too; noise alone at the end cannot be taken apart by eps */
          pm_noise_schedule(alpha_bar, 100, (pm_schedule_kind)(s & 1), 0, 0.2, s & 2);
          if ((s & 2) && p == PM_PREDICT_EPS)
            continue;
          pm_sampler_table t =
              pm_sampler_table_new(arena, (pm_sampler_kind)kind, (pm_prediction)p, alpha_bar, 100, steps[k], 0.5);
          for (size_t i = 0; i < steps[k]; i++)
            if (!isfinite(t.P[i] + t.Q[i] + t.A[i] + t.B[i] + t.C[i] + t.D[i]))
              fail_msg("schedule %d, sampler %d, prediction %d, step %zu of %zu", s, kind, p, i, steps[k]);
        }
  pm_arena_free(arena);
}

/* ---- on normal data ---- */

typedef struct {
  double mean, deviation;
} normal;

static const normal data = {0.3, 0.5};

/* Of x_t = alpha x_0 + sigma eps. */
static normal marginal(double alpha_bar) {
  return (normal){sqrt(alpha_bar) * data.mean, sqrt(alpha_bar * data.deviation * data.deviation + 1 - alpha_bar)};
}

/* a x + b: what the best net says of x. */
typedef struct {
  double a, b;
} linear;

static linear best_net(pm_prediction prediction, double alpha_bar) {
  double alpha = sqrt(alpha_bar), sigma = sqrt(1 - alpha_bar), variance = pow(marginal(alpha_bar).deviation, 2);
  double gain = alpha * data.deviation * data.deviation / variance; /* E[x0 | x] = mean + gain (x - alpha mean) */
  linear x0 = {gain, data.mean * (1 - gain * alpha)}, eps = {(1 - alpha * x0.a) / sigma, -alpha * x0.b / sigma};
  if (prediction == PM_PREDICT_EPS)
    return eps;
  if (prediction == PM_PREDICT_V)
    return (linear){alpha * eps.a - sigma * x0.a, alpha * eps.b - sigma * x0.b};
  return x0;
}

/* x and the estimate of the run before: jointly normal. */
typedef struct {
  double x, before;  /* means */
  double xx, xb, bb; /* covariances */
} joint;

/* After `steps` steps of the table, from x with this mean and deviation. */
static normal follow(const pm_sampler_table *t, const double *alpha_bar, pm_prediction prediction, normal from,
                     size_t steps) {
  joint j = {.x = from.mean, .xx = from.deviation * from.deviation};
  for (size_t i = 0; i < steps; i++) {
    linear out = best_net(prediction, alpha_bar[(size_t)t->t[i]]);
    linear x0 = {t->P[i] + t->Q[i] * out.a, t->Q[i] * out.b};
    /* next = of_x x + D before + C noise + rest */
    double of_x = t->A[i] + t->B[i] * x0.a, D = t->D[i], C = t->C[i];
    double rest = t->B[i] * x0.b;
    joint n = {.x = of_x * j.x + D * j.before + rest, .before = x0.a * j.x + x0.b};
    n.xx = of_x * of_x * j.xx + 2 * of_x * D * j.xb + D * D * j.bb + C * C;
    n.xb = x0.a * (of_x * j.xx + D * j.xb);
    n.bb = x0.a * x0.a * j.xx;
    j = n;
  }
  return (normal){j.x, sqrt(j.xx)};
}

static normal sampled(pm_arena *arena, pm_sampler_kind kind, pm_prediction prediction, const double *alpha_bar,
                      size_t T, size_t steps, double eta) {
  pm_sampler_table t = pm_sampler_table_new(arena, kind, prediction, alpha_bar, T, steps, eta);
  return follow(&t, alpha_bar, prediction, marginal(alpha_bar[T - 1]), steps);
}

/* The same samples whether the net says eps, x0 or v. */
static void predictions_are_alike(void **state) {
  (void)state;
  pm_arena *arena = pm_arena_new();
  for (int s = 0; s < 2; s++)
    for (int kind = PM_ANCESTRAL; kind <= PM_PRINTED; kind++)
      for (int eta = 0; eta <= 2; eta++) {
        const double *alpha_bar = schedule(arena, 1000, (pm_schedule_kind)s, false);
        normal by[3];
        for (int p = PM_PREDICT_EPS; p <= PM_PREDICT_V; p++)
          by[p] = sampled(arena, (pm_sampler_kind)kind, (pm_prediction)p, alpha_bar, 1000, 50, eta / 2.0);
        for (int p = PM_PREDICT_X0; p <= PM_PREDICT_V; p++) {
          near("mean", by[p].mean, by[PM_PREDICT_EPS].mean, 2e-5);
          near("deviation", by[p].deviation, by[PM_PREDICT_EPS].deviation, 2e-5);
        }
      }
  pm_arena_free(arena);
}

/* With more and more steps of a finer and finer process, the samples become the data; errors halve. */
static void samples_become_the_data(void **state) {
  static const struct {
    pm_sampler_kind kind;
    double eta;
  } samplers[] = {{PM_ANCESTRAL, 0}, {PM_DDIM, 1}, {PM_DDIM, 0.5}};
  (void)state;
  pm_arena *arena = pm_arena_new();
  for (size_t k = 0; k < 3; k++)
    for (int end = 0; end < 2; end++)
      for (int p = end ? PM_PREDICT_X0 : PM_PREDICT_EPS; p <= PM_PREDICT_V; p++) {
        double before = 0;
        for (size_t T = 250; T <= 4000; T *= 2) {
          const double *alpha_bar = schedule(arena, T, PM_SCHEDULE_COSINE, end);
          normal got = sampled(arena, samplers[k].kind, (pm_prediction)p, alpha_bar, T, T, samplers[k].eta);
          near("mean", got.mean, data.mean, 2e-5);
          double error = fabs(got.deviation - data.deviation);
          if (before > 0 && !(before / error > 1.7 && before / error < 2.4))
            fail_msg("sampler %zu, prediction %d: error %g after %g when steps doubled to %zu", k, p, error, before, T);
          before = error;
        }
        assert_true(before < 1e-3);
      }
  pm_arena_free(arena);
}

/* The published process: what is left of an error at its step counts. */
static void the_usual_process_gives_the_data(void **state) {
  static const struct {
    const char *name;
    pm_sampler_kind kind;
    size_t steps;
    double mean, deviation; /* how close */
  } cases[] = {{"ancestral, 1000", PM_ANCESTRAL, 1000, 1e-4, 5e-3}, {"ddim, 50", PM_DDIM, 50, 0.01, 0.03},
               {"ddim, 1000", PM_DDIM, 1000, 1e-3, 2e-3},           {"dpm++2m, 20", PM_DPM_2M, 20, 0.01, 0.03},
               {"dpm++2m, 50", PM_DPM_2M, 50, 3e-3, 0.01},          {"dpm++2m, 1000", PM_DPM_2M, 1000, 1e-3, 1e-3}};
  (void)state;
  pm_arena *arena = pm_arena_new();
  const double *alpha_bar = schedule(arena, 1000, PM_SCHEDULE_LINEAR, false);
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    normal got = sampled(arena, cases[k].kind, PM_PREDICT_EPS, alpha_bar, 1000, cases[k].steps, 0);
    print_message("# %s: mean %.5f, deviation %.5f\n", cases[k].name, got.mean, got.deviation);
    near(cases[k].name, got.mean, data.mean, cases[k].mean);
    near(cases[k].name, got.deviation, data.deviation, cases[k].deviation);
  }
  pm_arena_free(arena);
}

/* Of x = (x_T - its mean) / its deviation, the way that the probability flow takes is known: the same number of
 * deviations from the mean at every time. Errors at the time of the last run, on even steps of log(alpha / sigma). */
static double flow_error(pm_arena *arena, pm_sampler_kind kind, pm_prediction prediction, size_t steps) {
  enum { T = 2048 };
  double alpha_bar[T];
  for (size_t t = 0; t < T; t++)
    alpha_bar[t] = 1 / (1 + exp(-2 * (3 - 6 * (double)t / (T - 1))));
  pm_sampler_table table = pm_sampler_table_new(arena, kind, prediction, alpha_bar, T, steps, 0);
  normal from = marginal(alpha_bar[T - 1]), want = marginal(alpha_bar[(size_t)table.t[steps - 1]]);
  normal got = follow(&table, alpha_bar, prediction, from, steps - 1);
  from.mean += from.deviation; /* one deviation off the mean, and followed without variance */
  from.deviation = 0;
  normal one = follow(&table, alpha_bar, prediction, from, steps - 1);
  near("a point", one.mean - got.mean, got.deviation, 1e-9);
  return fabs(got.deviation - want.deviation) + fabs(got.mean - want.mean);
}

static void orders_of_convergence(void **state) {
  (void)state;
  pm_arena *arena = pm_arena_new();
  for (int p = PM_PREDICT_EPS; p <= PM_PREDICT_V; p++) {
    double first = 0, second = 0;
    for (size_t steps = 16; steps <= 128; steps *= 2) {
      double ddim = flow_error(arena, PM_DDIM, (pm_prediction)p, steps);
      double dpm = flow_error(arena, PM_DPM_2M, (pm_prediction)p, steps);
      print_message("# prediction %d, %3zu steps: ddim %.3e, dpm++2m %.3e\n", p, steps, ddim, dpm);
      if (steps > 16) {
        near("ddim's ratio", first / ddim, 2, 0.2);
        near("dpm++2m's ratio", second / dpm, 4, 0.8);
      }
      assert_true(dpm < ddim / 2);
      first = ddim;
      second = dpm;
    }
  }
  pm_arena_free(arena);
}

/* What the published listing draws is one estimate from pure noise: at the last time, of x that never moved. */
static void the_printed_sampler_is_one_estimate(void **state) {
  enum { T = 200 };
  (void)state;
  pm_arena *arena = pm_arena_new();
  const double *alpha_bar = schedule(arena, T, PM_SCHEDULE_LINEAR, false);
  pm_sampler_table printed = pm_sampler_table_new(arena, PM_PRINTED, PM_PREDICT_X0, alpha_bar, T, T, 0);
  pm_sampler_table blend = pm_sampler_table_new(arena, PM_BLEND, PM_PREDICT_X0, alpha_bar, T, T, 0);
  linear net = best_net(PM_PREDICT_X0, alpha_bar[0]);
  normal noise = {0, 1}, got = follow(&printed, alpha_bar, PM_PREDICT_X0, noise, T);
  near("mean", got.mean, net.b, 1e-6);
  near("deviation", got.deviation, net.a, 1e-6);
  near("the noise itself", got.deviation, 1, 1e-3);
  normal blended = follow(&blend, alpha_bar, PM_PREDICT_X0, noise, T);
  print_message("# printed: mean %.5f, deviation %.5f; blend: %.5f, %.5f\n", got.mean, got.deviation, blended.mean,
                blended.deviation);
  assert_true(fabs(blended.mean - data.mean) < fabs(got.mean - data.mean) / 3);
  pm_arena_free(arena);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_linear_schedule),
      cmocka_unit_test(the_cosine_schedule),
      cmocka_unit_test(schedules_that_end_in_noise),
      cmocka_unit_test(times_by_information),
      cmocka_unit_test(times_are_evenly_spaced),
      cmocka_unit_test(the_ancestral_sampler_is_the_posterior),
      cmocka_unit_test(blend_and_printed_are_as_documented),
      cmocka_unit_test(tables_are_finite),
      cmocka_unit_test(predictions_are_alike),
      cmocka_unit_test(samples_become_the_data),
      cmocka_unit_test(the_usual_process_gives_the_data),
      cmocka_unit_test(orders_of_convergence),
      cmocka_unit_test(the_printed_sampler_is_one_estimate),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
