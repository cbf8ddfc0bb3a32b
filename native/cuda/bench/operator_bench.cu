// Convolution, norm, pooling and single-token updates at a 130M model's sizes, bf16: all are bound by the bytes they move.
#include "bench.h"

namespace bench {
namespace {

constexpr int64_t Tokens = 8 * 2048, Length = 2048, Channels = 1536, Width = 768, K = 4, N = 16, Batch = 256;
constexpr int Type = MAMBA_BFLOAT16;
constexpr int Sets = 4;

void line(const Machine& machine, const char* name, double ms, double bytes)
{
    double floor = bytes / machine.bytes;
    std::printf("%-44s %8.4f %8.4f %5.0f%%\n", name, ms, floor, 100 * floor / ms);
}

void convolution(const Machine& machine, const int64_t* offsets)
{
    Pool pool;
    int64_t wide = Tokens * Channels, bytes = 0;
    std::vector<mamba_conv_problem> problems;
    std::vector<mamba_conv_outputs> outputs;
    std::vector<mamba_conv_gradients> gradients;
    for (int i = 0; i < Sets; i++) {
        auto p = arguments<mamba_conv_problem>();
        p.dtype = Type, p.flags = MAMBA_CONV_SILU, p.tokens = Tokens, p.sequences = Tokens / Length, p.channels = Channels, p.kernel_size = K;
        p.offsets = offsets, p.x = pool.random(wide, Type, -1, 1);
        p.weight = static_cast<float*>(pool.random(Channels * K, MAMBA_FLOAT32, -1, 1));
        p.bias = static_cast<float*>(pool.random(Channels, MAMBA_FLOAT32, -1, 1));
        auto o = arguments<mamba_conv_outputs>();
        o.y = pool.take(wide * 2);
        auto g = arguments<mamba_conv_gradients>();
        g.grad_y = pool.random(wide, Type, -1, 1), g.grad_x = pool.take(wide * 2);
        g.grad_weight = static_cast<float*>(pool.random(Channels * K, MAMBA_FLOAT32, 0, 0));
        g.grad_bias = static_cast<float*>(pool.random(Channels, MAMBA_FLOAT32, 0, 0));
        problems.push_back(p), outputs.push_back(o), gradients.push_back(g);
    }
    ok(mamba_conv_backward_workspace(&problems[0], &bytes));
    void* memory = pool.take(bytes);
    double moved = 2.0 * static_cast<double>(wide);
    line(machine, "convolution 4 + SiLU forward, 16384 x 1536", time(Sets, [&](int i) { ok(mamba_conv_forward(&problems[i], &outputs[i], nullptr)); }), 2 * moved);
    line(machine, "convolution backward",
        time(Sets, [&](int i) { ok(mamba_conv_backward(&problems[i], &gradients[i], memory, bytes, nullptr)); }), 3 * moved);
}

void norms(const Machine& machine)
{
    Pool pool;
    int64_t wide = Tokens * Width, bytes = 0;
    std::vector<mamba_norm_problem> problems;
    std::vector<mamba_norm_outputs> outputs;
    std::vector<mamba_norm_gradients> gradients;
    for (int i = 0; i < Sets; i++) {
        auto p = arguments<mamba_norm_problem>();
        p.dtype = Type, p.residual_dtype = MAMBA_FLOAT32, p.rows = Tokens, p.channels = Width, p.epsilon = 1e-5f;
        p.x = pool.random(wide, Type, -1, 1), p.residual = pool.random(wide, MAMBA_FLOAT32, -1, 1);
        p.weight = static_cast<float*>(pool.random(Width, MAMBA_FLOAT32, -1, 1));
        auto o = arguments<mamba_norm_outputs>();
        o.y = pool.take(wide * 2), o.sum = pool.take(wide * 4), o.inverse_rms = static_cast<float*>(pool.take(Tokens * 4));
        auto g = arguments<mamba_norm_gradients>();
        g.inverse_rms = o.inverse_rms, g.grad_y = pool.random(wide, Type, -1, 1), g.grad_sum = pool.random(wide, MAMBA_FLOAT32, -1, 1);
        g.grad_x = pool.take(wide * 2), g.grad_residual = pool.take(wide * 4), g.grad_weight = static_cast<float*>(pool.random(Width, MAMBA_FLOAT32, 0, 0));
        problems.push_back(p), outputs.push_back(o), gradients.push_back(g);
    }
    double count = static_cast<double>(wide);
    line(machine, "RMSNorm + f32 residual forward, 16384 x 768", time(Sets, [&](int i) { ok(mamba_norm_forward(&problems[i], &outputs[i], nullptr)); }), 12 * count);
    for (int i = 0; i < Sets; i++)
        problems[i].x = nullptr, problems[i].residual = outputs[i].sum;
    ok(mamba_norm_backward_workspace(&problems[0], &bytes));
    void* memory = pool.take(bytes);
    line(machine, "RMSNorm backward", time(Sets, [&](int i) { ok(mamba_norm_backward(&problems[i], &gradients[i], memory, bytes, nullptr)); }), 16 * count);
}

void rest(const Machine& machine, const int64_t* offsets)
{
    Pool pool;
    int64_t wide = Tokens * Width, bytes = 0;
    auto p = arguments<mamba_pool_problem>();
    p.dtype = Type, p.kind = MAMBA_POOL_MEAN, p.tokens = Tokens, p.sequences = Tokens / Length, p.channels = Width, p.offsets = offsets;
    std::vector<void*> hidden;
    for (int i = 0; i < 2 * Sets; i++)
        hidden.push_back(pool.random(wide, Type, -1, 1));
    float* pooled = static_cast<float*>(pool.take(Tokens / Length * Width * 4));
    ok(mamba_pool_forward_workspace(&p, &bytes));
    void* memory = pool.take(bytes);
    double moved = 2.0 * static_cast<double>(wide);
    line(machine, "mean pooling forward, 16384 x 768",
        time(2 * Sets, [&](int i) { ok(mamba_pool_forward(&p, hidden[i], 0, pooled, nullptr, memory, bytes, nullptr)); }), moved);
    line(machine, "mean pooling backward", time(2 * Sets, [&](int i) { ok(mamba_pool_backward(&p, pooled, nullptr, hidden[i], 0, nullptr)); }), moved);

    std::vector<mamba_state_update> steps;
    for (int i = 0; i < Sets; i++) {
        auto u = arguments<mamba_state_update>();
        u.dtype = Type, u.flags = MAMBA_SCAN_SOFTPLUS, u.batch = Batch, u.channels = Channels, u.state_size = N, u.groups = 1;
        u.x = pool.random(Batch * Channels, Type, -1, 1), u.dt = pool.random(Batch * Channels, Type, -6, -2), u.z = pool.random(Batch * Channels, Type, -1, 1);
        u.b = pool.random(Batch * N, Type, -1, 1), u.c = pool.random(Batch * N, Type, -1, 1);
        u.a = static_cast<float*>(pool.random(Channels * N, MAMBA_FLOAT32, -8, -1)), u.d = static_cast<float*>(pool.random(Channels, MAMBA_FLOAT32, -1, 1));
        u.dt_bias = static_cast<float*>(pool.random(Channels, MAMBA_FLOAT32, -1, 1));
        u.state = static_cast<float*>(pool.random(Batch * Channels * N, MAMBA_FLOAT32, -1, 1)), u.y = pool.take(Batch * Channels * 2);
        steps.push_back(u);
    }
    line(machine, "state update, batch 256 x 1536, state 16", time(Sets, [&](int i) { ok(mamba_scan_update(&steps[i], nullptr)); }),
        static_cast<double>(Batch * Channels) * (2.0 * N * 4 + 8));
}

}

void operatorTable(const Machine& machine)
{
    Pool pool;
    std::vector<int64_t> values;
    for (int64_t t = 0; t <= Tokens; t += Length)
        values.push_back(t);
    void* offsets = pool.take(static_cast<int64_t>(values.size()) * 8);
    cuda(cudaMemcpy(offsets, values.data(), values.size() * 8, cudaMemcpyHostToDevice));
    std::printf("\n%-44s %8s %8s %6s\n", "operator, bf16", "ms", "bytes", "share");
    convolution(machine, static_cast<int64_t*>(offsets));
    norms(machine);
    rest(machine, static_cast<int64_t*>(offsets));
}

}
