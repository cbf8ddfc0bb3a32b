// Convolution, single-token updates, norm and pooling against double precision.
#include "support.h"

namespace test {
namespace {

using Values = std::vector<double>;

double sigmoid(double v) { return 1 / (1 + std::exp(-v)); }

void add(Values& to, const Values& more)
{
    for (size_t i = 0; i < to.size(); i++)
        to[i] += more[i];
}

Values startAt(Matrix& m, bool accumulate)
{
    m.poison();
    if (accumulate)
        return m.fill(-1, 1).values();
    return Values(static_cast<size_t>(m.rows * m.width), 0.0);
}

void conv(int dtype, int64_t C, int64_t K, const std::vector<int64_t>& lengths, bool silu, bool reverse, bool initial, bool accumulate, int64_t gap)
{
    counts().scope = std::string("conv ") + typeName(dtype) + " C=" + std::to_string(C) + " K=" + std::to_string(K) + (silu ? " silu" : "")
        + (reverse ? " reverse" : "") + (initial ? " initial" : "") + (accumulate ? " +=" : "") + " gap=" + std::to_string(gap);
    Offsets offsets(lengths);
    int64_t T = offsets.tokens(), S = offsets.sequences(), P = K - 1;
    Matrix x(T, C, gap, dtype), y(T, C, gap, dtype), gy(T, C, gap, dtype), gx(T, C, gap, dtype), w(C, K), b(1, C), init(S, P * C), gw(C, K), gb(1, C);
    x.fill(-1, 1), gy.fill(-1, 1), w.fill(-1, 1), b.fill(-1, 1), init.fill(-1, 1);
    Values vy(T * C), vgx(T * C), vgw(C * K), vgb(C), vfinal(S * P * C);
    for (int64_t s = 0; s < S; s++) {
        int64_t begin = offsets.values[s], length = offsets.values[s + 1] - begin;
        auto token = [&](int64_t i) { return reverse ? begin + length - 1 - i : begin + i; };
        for (int64_t c = 0; c < C; c++) {
            auto input = [&](int64_t i) { return i >= 0 ? x.get(token(i), c) : initial ? init.get(s, (P + i) * C + c) : 0.0; };
            for (int64_t i = 0; i < length; i++) {
                double v = b.get(0, c);
                for (int64_t j = 0; j < K; j++)
                    v += w.get(c, j) * input(i - P + j);
                double g = gy.get(token(i), c), q = silu ? g * sigmoid(v) * (1 + v * (1 - sigmoid(v))) : g;
                vy[token(i) * C + c] = silu ? v * sigmoid(v) : v;
                vgb[c] += q;
                for (int64_t j = 0; j < K; j++) {
                    vgw[c * K + j] += q * input(i - P + j);
                    if (i - P + j >= 0)
                        vgx[token(i - P + j) * C + c] += q * w.get(c, j);
                }
            }
            for (int64_t j = 0; j < P; j++)
                vfinal[(s * P + j) * C + c] = input(length - P + j);
        }
    }
    auto p = arguments<mamba_conv_problem>();
    p.dtype = dtype, p.flags = (silu ? MAMBA_CONV_SILU : 0) | (reverse ? MAMBA_CONV_REVERSE : 0) | (accumulate ? MAMBA_CONV_ACCUMULATE_X : 0);
    p.tokens = T, p.sequences = S, p.channels = C, p.kernel_size = K, p.offsets = offsets.pointer();
    p.x = x.pointer(), p.x_stride = x.stride, p.weight = w.pointer<float>(), p.bias = b.pointer<float>();
    p.initial_inputs = initial && P > 0 ? init.pointer<float>() : nullptr;
    int64_t bytes = 0;
    if (!ok(mamba_conv_backward_workspace(&p, &bytes), "workspace"))
        return;
    Memory memory(bytes);
    auto g = arguments<mamba_conv_gradients>();
    g.grad_y = gy.pointer(), g.grad_y_stride = gy.stride, g.grad_x = gx.pointer(), g.grad_x_stride = gx.stride;
    g.grad_weight = gw.pointer<float>(), g.grad_bias = gb.pointer<float>();
    add(vgx, startAt(gx, accumulate)), add(vgw, startAt(gw, true)), add(vgb, startAt(gb, true));
    ok(mamba_conv_backward(&p, &g, memory.matrix.pointer(), bytes, nullptr), "backward");
    compare("grad x", gx, vgx, toleranceOf(dtype, 1e-5));
    compare("grad weight", gw, vgw, 1e-5);
    compare("grad bias", gb, vgb, 1e-5);
    memory.matrix.download("workspace");
    // The final inputs replace the initial ones in place.
    auto out = arguments<mamba_conv_outputs>();
    out.y = y.pointer(), out.y_stride = y.stride, out.final_inputs = P > 0 ? init.pointer<float>() : nullptr;
    ok(mamba_conv_forward(&p, &out, nullptr), "forward");
    compare("y", y, vy, toleranceOf(dtype, 1e-5));
    if (P > 0)
        compare("final inputs", init, vfinal, 1e-6);
}

void updates(int dtype, int64_t batch, int64_t C, int64_t N, int64_t G, bool full, int64_t gap)
{
    counts().scope = std::string("update ") + typeName(dtype) + " C=" + std::to_string(C) + " N=" + std::to_string(N);
    Matrix x(batch, C, gap, dtype), dt(batch, C, gap, dtype), z(batch, C, gap, dtype), b(batch, G * N, gap, dtype), c(batch, G * N, gap, dtype);
    Matrix y(batch, C, gap, dtype), a(C, N), d(1, C), bias(1, C), h(batch, C * N);
    x.fill(-1, 1), dt.fill(full ? -4 : 0.01, 1), z.fill(-2, 2), b.fill(-1, 1), c.fill(-1, 1), a.fill(-4, -0.1), d.fill(-1, 1), bias.fill(-1, 1), h.fill(-1, 1);
    Values vy = startAt(y, full), vh(batch * C * N);
    for (int64_t r = 0; r < batch; r++) {
        for (int64_t k = 0; k < C; k++) {
            double pre = dt.get(r, k) + (full ? bias.get(0, k) : 0), delta = full ? std::log1p(std::exp(pre)) : pre, sum = full ? d.get(0, k) * x.get(r, k) : 0;
            for (int64_t n = 0; n < N; n++) {
                int64_t column = k / (C / G) * N + n;
                double v = std::exp(delta * a.get(k, n)) * h.get(r, k * N + n) + delta * x.get(r, k) * b.get(r, column);
                vh[(r * C + k) * N + n] = v;
                sum += v * c.get(r, column);
            }
            vy[r * C + k] += full ? sum * z.get(r, k) * sigmoid(z.get(r, k)) : sum;
        }
    }
    auto p = arguments<mamba_state_update>();
    p.dtype = dtype, p.flags = full ? MAMBA_SCAN_SOFTPLUS | MAMBA_SCAN_ACCUMULATE_Y : 0, p.batch = batch, p.channels = C, p.state_size = N, p.groups = G;
    p.x = x.pointer(), p.x_stride = x.stride, p.dt = dt.pointer(), p.dt_stride = dt.stride, p.b = b.pointer(), p.b_stride = b.stride;
    p.c = c.pointer(), p.c_stride = c.stride, p.y = y.pointer(), p.y_stride = y.stride, p.a = a.pointer<float>(), p.state = h.pointer<float>();
    if (full)
        p.z = z.pointer(), p.z_stride = z.stride, p.d = d.pointer<float>(), p.dt_bias = bias.pointer<float>();
    ok(mamba_scan_update(&p, nullptr), "state update");
    compare("y", y, vy, toleranceOf(dtype, 1e-4));
    compare("state", h, vh, dtype == MAMBA_FLOAT32 ? 2e-5 : 1e-4);

    int64_t K = 1 + N % 5;
    Matrix w(C, K), inputs(batch, (K - 1) * C);
    w.fill(-1, 1), inputs.fill(-1, 1), y.poison();
    Values vi(batch * (K - 1) * C);
    for (int64_t r = 0; r < batch; r++) {
        for (int64_t k = 0; k < C; k++) {
            double sum = (full ? bias.get(0, k) : 0) + w.get(k, K - 1) * x.get(r, k);
            for (int64_t j = 0; j + 1 < K; j++) {
                sum += w.get(k, j) * inputs.get(r, j * C + k);
                vi[(r * (K - 1) + j) * C + k] = j + 2 < K ? inputs.get(r, (j + 1) * C + k) : x.get(r, k);
            }
            vy[r * C + k] = full ? sum * sigmoid(sum) : sum;
        }
    }
    auto q = arguments<mamba_conv_step>();
    q.dtype = dtype, q.flags = full ? MAMBA_CONV_SILU : 0, q.batch = batch, q.channels = C, q.kernel_size = K, q.x = x.pointer(), q.x_stride = x.stride;
    q.weight = w.pointer<float>(), q.bias = full ? bias.pointer<float>() : nullptr, q.inputs = inputs.pointer<float>(), q.y = y.pointer(), q.y_stride = y.stride;
    ok(mamba_conv_update(&q, nullptr), "convolution update");
    compare("convolution y", y, vy, toleranceOf(dtype, 1e-5));
    compare("inputs", inputs, vi, 1e-6);
}

void norm(int dtype, int residualType, int64_t rows, int64_t C, bool residual, bool weighted, int64_t gap)
{
    counts().scope = std::string("norm ") + typeName(dtype) + " residual " + (residual ? typeName(residualType) : "none") + " C=" + std::to_string(C);
    Matrix x(rows, C, gap, dtype), res(rows, C, gap, residualType), y(rows, C, gap, dtype), w(1, C), r(1, rows), gw(1, C);
    Matrix gy(rows, C, gap, dtype), gs(rows, C, gap, residualType), gx(rows, C, gap, dtype);
    x.fill(-1, 1), res.fill(-1, 1), w.fill(-1, 1), gy.fill(-1, 1), gs.fill(-1, 1);
    auto p = arguments<mamba_norm_problem>();
    p.dtype = dtype, p.residual_dtype = residualType, p.rows = rows, p.channels = C, p.x = x.pointer(), p.x_stride = x.stride, p.epsilon = 1e-5f;
    if (residual)
        p.residual = res.pointer(), p.residual_stride = res.stride;
    p.weight = weighted ? w.pointer<float>() : nullptr;
    Values s(rows * C), vy(rows * C), vr(rows);
    for (int64_t t = 0; t < rows; t++) {
        double square = 0;
        for (int64_t c = 0; c < C; c++) {
            s[t * C + c] = x.get(t, c) + (residual ? res.get(t, c) : 0);
            square += s[t * C + c] * s[t * C + c];
        }
        vr[t] = 1 / std::sqrt(square / static_cast<double>(C) + 1e-5);
        for (int64_t c = 0; c < C; c++)
            vy[t * C + c] = s[t * C + c] * vr[t] * (weighted ? w.get(0, c) : 1);
    }
    auto out = arguments<mamba_norm_outputs>();
    out.y = y.pointer(), out.y_stride = y.stride, out.inverse_rms = r.pointer<float>();
    if (residual)
        out.sum = res.pointer(), out.sum_stride = res.stride;
    ok(mamba_norm_forward(&p, &out, nullptr), "forward");
    compare("y", y, vy, toleranceOf(dtype, 1e-5));
    compare("inverse rms", r, vr, 1e-5);
    if (residual)
        compare("sum", res, s, toleranceOf(residualType, 1e-6));

    // The backward pass works on the sum as it was stored.
    if (residual) {
        s = res.values();
        p.x = nullptr;
    }
    Values rounded = r.values(), vg(rows * C), vgw = startAt(gw, true);
    for (int64_t t = 0; t < rows; t++) {
        double dot = 0, i = rounded[t];
        for (int64_t c = 0; c < C; c++)
            dot += gy.get(t, c) * (weighted ? w.get(0, c) : 1) * s[t * C + c];
        for (int64_t c = 0; c < C; c++) {
            vg[t * C + c] = i * gy.get(t, c) * (weighted ? w.get(0, c) : 1) - s[t * C + c] * i * i * i * dot / static_cast<double>(C) + (residual ? gs.get(t, c) : 0);
            if (weighted)
                vgw[c] += gy.get(t, c) * s[t * C + c] * i;
        }
    }
    auto g = arguments<mamba_norm_gradients>();
    g.inverse_rms = r.pointer<float>(), g.grad_y = gy.pointer(), g.grad_y_stride = gy.stride, g.grad_x = gx.pointer(), g.grad_x_stride = gx.stride;
    if (residual)
        g.grad_sum = gs.pointer(), g.grad_sum_stride = gs.stride, g.grad_residual = gs.pointer(), g.grad_residual_stride = gs.stride;
    g.grad_weight = gw.pointer<float>();
    int64_t bytes = 0;
    ok(mamba_norm_backward_workspace(&p, &bytes), "workspace");
    Memory memory(bytes);
    ok(mamba_norm_backward(&p, &g, memory.matrix.pointer(), bytes, nullptr), "backward");
    compare("grad x", gx, vg, toleranceOf(dtype, 1e-5));
    if (residual)
        compare("grad residual", gs, vg, toleranceOf(residualType, 1e-5));
    compare("grad weight", gw, vgw, 1e-5);
    memory.matrix.download("workspace");
}

void pool(int dtype, int kind, int64_t C, const std::vector<int64_t>& lengths, int64_t gap)
{
    counts().scope = std::string("pooling ") + typeName(dtype) + " kind " + std::to_string(kind) + " C=" + std::to_string(C);
    Offsets offsets(lengths);
    int64_t T = offsets.tokens(), S = offsets.sequences();
    Matrix h(T, C, gap, dtype), gh(T, C, gap, dtype), pooled(S, C), gp(S, C), where(S, 2 * C);
    h.fill(-1, 1), gp.fill(-1, 1);
    Values v(S * C), vg(T * C);
    for (int64_t s = 0; s < S; s++) {
        int64_t begin = offsets.values[s], end = offsets.values[s + 1];
        for (int64_t c = 0; c < C; c++) {
            double sum = 0;
            int64_t best = begin;
            for (int64_t t = begin; t < end; t++) {
                sum += h.get(t, c);
                best = h.get(t, c) > h.get(best, c) ? t : best;
            }
            int64_t token = kind == MAMBA_POOL_LAST ? end - 1 : kind == MAMBA_POOL_FIRST ? begin : best;
            v[s * C + c] = kind == MAMBA_POOL_MEAN ? sum / static_cast<double>(end - begin) : h.get(token, c);
            for (int64_t t = begin; t < end; t++)
                vg[t * C + c] = kind == MAMBA_POOL_MEAN ? gp.get(s, c) / static_cast<double>(end - begin) : t == token ? gp.get(s, c) : 0;
        }
    }
    auto p = arguments<mamba_pool_problem>();
    p.dtype = dtype, p.kind = kind, p.tokens = T, p.sequences = S, p.channels = C, p.offsets = offsets.pointer();
    int64_t bytes = 0;
    ok(mamba_pool_forward_workspace(&p, &bytes), "workspace");
    Memory memory(bytes);
    int64_t* places = kind == MAMBA_POOL_MAX ? where.pointer<int64_t>() : nullptr;
    ok(mamba_pool_forward(&p, h.pointer(), h.stride, pooled.pointer<float>(), places, memory.matrix.pointer(), bytes, nullptr), "forward");
    compare("pooled", pooled, v, 1e-5);
    ok(mamba_pool_backward(&p, gp.pointer<float>(), places, gh.pointer(), gh.stride, nullptr), "backward");
    compare("grad hidden", gh, vg, toleranceOf(dtype, 1e-6));
    memory.matrix.download("workspace");
    where.download("places");
    if (kind != MAMBA_POOL_MAX && kind != MAMBA_POOL_MEAN)
        return;
    h.set(offsets.values[1] - 1, 0, NAN), h.upload();
    ok(mamba_pool_forward(&p, h.pointer(), h.stride, pooled.pointer<float>(), places, memory.matrix.pointer(), bytes, nullptr), "forward");
    pooled.download("pooled");
    check(std::isnan(pooled.get(0, 0)), "%s", "NaN in a sequence gives NaN");
}

}

void operatorTests(bool small)
{
    int types[] = {MAMBA_FLOAT32, MAMBA_FLOAT16, MAMBA_BFLOAT16};
    for (int dtype : types) {
        for (int64_t K : {1, 2, 3, 4, 5, 9}) {
            conv(dtype, 8, K, {1, 0, 70, 3}, true, false, true, false, 0);
            if (small && K != 4 && K != 5)
                continue;
            conv(dtype, 13, K, {129, 2, 64, 65}, K % 2 == 0, true, true, true, 3);
            conv(dtype, 36, K, {300}, true, K % 2 == 1, false, false, 4);
        }
        updates(dtype, 3, 12, 16, 2, true, 1);
        updates(dtype, 5, 7, 33, 1, false, 0);
        norm(dtype, MAMBA_FLOAT32, 33, 40, true, true, 0);
        norm(dtype, dtype, 7, 1537, true, true, 3);
        norm(dtype, dtype, small ? 9 : 1100, 768, false, true, 0);
        norm(dtype, MAMBA_BFLOAT16, 5, 1, true, false, 0);
        for (int kind : {MAMBA_POOL_LAST, MAMBA_POOL_MEAN, MAMBA_POOL_MAX, MAMBA_POOL_FIRST})
            pool(dtype, kind, 19, {1, 257, 600, 3}, 2);
    }
    if (small)
        return;
    conv(MAMBA_FLOAT32, 4, 64, {200, 5}, true, true, true, false, 0);
    conv(MAMBA_BFLOAT16, 256, 4, {5000, 3000}, true, false, false, false, 0);
    pool(MAMBA_BFLOAT16, MAMBA_POOL_MEAN, 33, {100000, 60000}, 0);
    pool(MAMBA_FLOAT32, MAMBA_POOL_MAX, 33, {100000, 3}, 0);
}

}
