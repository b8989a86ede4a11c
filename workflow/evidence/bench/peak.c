/* Most multiply-adds that this machine makes in a second: NAME SECONDS THREADS prints flop/s (2 an FMA).
 * Twelve independent chains of whole vectors hide the latency of each. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#ifdef _OPENMP
#include <omp.h>
#endif

#define CHAINS 12
#define LANES (64 / (int)sizeof(REAL))
typedef REAL vector __attribute__((vector_size(64)));

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + 1e-9 * t.tv_nsec;
}

static double sum_of(long times)
{
    vector chain[CHAINS], factor, term;
    for (int lane = 0; lane < LANES; lane++) {
        factor[lane] = (REAL)0.999999;
        term[lane] = (REAL)1e-6;
        for (int i = 0; i < CHAINS; i++)
            chain[i][lane] = (REAL)(1 + i);
    }
    for (long n = 0; n < times; n++)
        for (int i = 0; i < CHAINS; i++)
            chain[i] = chain[i] * factor + term;
    double sum = 0;
    for (int i = 0; i < CHAINS; i++)
        for (int lane = 0; lane < LANES; lane++)
            sum += chain[i][lane];
    return sum;
}

int main(int argc, char **argv)
{
    double seconds = argc > 1 ? atof(argv[1]) : 0.2, best = 0, kept = 0;
    int threads = argc > 2 ? atoi(argv[2]) : 1;
    long times = 2000000;
    for (double end = now() + seconds; now() < end;) {
        double start = now();
#ifdef _OPENMP
#pragma omp parallel for num_threads(threads) reduction(+ : kept)
#endif
        for (int t = 0; t < threads; t++)
            kept += sum_of(times);
        double rate = 2.0 * CHAINS * LANES * times * threads / (now() - start);
        best = rate > best ? rate : best;
    }
    printf("%.6g %.6g\n", best, kept);
    return 0;
}
