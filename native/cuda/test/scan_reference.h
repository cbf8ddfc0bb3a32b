// The scan and its gradients in double precision, one channel and one step after the other.
#ifndef MAMBA_TEST_SCAN_REFERENCE_H
#define MAMBA_TEST_SCAN_REFERENCE_H

#include "support.h"

namespace test {

using Values = std::vector<double>;

struct ScanCase {
    int dtype;
    int64_t channels, state, groups;
    std::vector<int64_t> lengths;
    bool softplus, reverse, bias, skip, gate, initial, accumulate;
    int64_t gap, shift, segment;
    bool fast = false;   // no state that decays slowly
};

struct ScanValues {
    Values x, dt, b, c, z, a, d, bias, initial, gradY, gradFinal;
    Values y, final, gx, gdt, gb, gc, gz, ga, gd, gbias, ginitial;
};

inline void scanReference(const ScanCase& k, const std::vector<int64_t>& offsets, ScanValues& v)
{
    int64_t tokens = offsets.back(), C = k.channels, N = k.state, G = k.groups, sequences = static_cast<int64_t>(offsets.size()) - 1;
    auto zero = [](Values& w, int64_t n) { w.assign(static_cast<size_t>(n), 0.0); };
    zero(v.y, tokens * C), zero(v.final, sequences * C * N), zero(v.gx, tokens * C), zero(v.gdt, tokens * C), zero(v.gz, tokens * C);
    zero(v.gb, tokens * G * N), zero(v.gc, tokens * G * N), zero(v.ga, C * N), zero(v.gd, C), zero(v.gbias, C), zero(v.ginitial, sequences * C * N);
    for (int64_t s = 0; s < sequences; s++) {
        int64_t begin = offsets[s], length = offsets[s + 1] - begin;
        Values h(static_cast<size_t>((length + 1) * N)), g(static_cast<size_t>(N));
        for (int64_t c = 0; c < C; c++) {
            int64_t at = (s * C + c) * N, group = c / (C / G);
            auto token = [&](int64_t step) { return k.reverse ? begin + length - 1 - step : begin + step; };
            auto pre = [&](int64_t t) { return v.dt[t * C + c] + (k.bias ? v.bias[c] : 0); };
            auto delta = [&](int64_t t) { return k.softplus ? std::log1p(std::exp(pre(t))) : pre(t); };
            for (int64_t n = 0; n < N; n++) {
                h[n] = k.initial ? v.initial[at + n] : 0;
                g[n] = k.initial ? v.gradFinal[at + n] : 0;
            }
            for (int64_t i = 0; i < length; i++) {
                int64_t t = token(i);
                double y = k.skip ? v.d[c] * v.x[t * C + c] : 0, z = k.gate ? v.z[t * C + c] : 0;
                for (int64_t n = 0; n < N; n++) {
                    int64_t row = (t * G + group) * N + n;
                    h[(i + 1) * N + n] = std::exp(delta(t) * v.a[c * N + n]) * h[i * N + n] + delta(t) * v.x[t * C + c] * v.b[row];
                    y += v.c[row] * h[(i + 1) * N + n];
                }
                v.y[t * C + c] = k.gate ? y * z / (1 + std::exp(-z)) : y;
            }
            for (int64_t n = 0; n < N; n++)
                v.final[at + n] = h[length * N + n];
            for (int64_t i = length - 1; i >= 0; i--) {
                int64_t t = token(i);
                double x = v.x[t * C + c], gy = v.gradY[t * C + c], dl = delta(t), gdx = 0, gdelta = 0, y = k.skip ? v.d[c] * x : 0;
                if (k.gate) {
                    double z = v.z[t * C + c], gate = 1 / (1 + std::exp(-z));
                    for (int64_t n = 0; n < N; n++)
                        y += v.c[(t * G + group) * N + n] * h[(i + 1) * N + n];
                    v.gz[t * C + c] = gy * y * gate * (1 + z * (1 - gate));
                    gy *= z * gate;
                }
                for (int64_t n = 0; n < N; n++) {
                    int64_t row = (t * G + group) * N + n;
                    double aBar = std::exp(dl * v.a[c * N + n]);
                    g[n] += gy * v.c[row];
                    v.gc[row] += gy * h[(i + 1) * N + n];
                    v.gb[row] += g[n] * dl * x;
                    gdx += g[n] * v.b[row];
                    double w = g[n] * aBar * h[i * N + n];
                    gdelta += w * v.a[c * N + n];
                    v.ga[c * N + n] += w * dl;
                    g[n] *= aBar;
                }
                v.gx[t * C + c] = gdx * dl + (k.skip ? v.d[c] * gy : 0);
                double gdt = (gdelta + gdx * x) * (k.softplus ? 1 / (1 + std::exp(-pre(t))) : 1);
                v.gdt[t * C + c] = gdt;
                v.gd[c] += gy * x;
                v.gbias[c] += gdt;
            }
            for (int64_t n = 0; n < N; n++)
                v.ginitial[at + n] = g[n];
        }
    }
}

}

#endif
