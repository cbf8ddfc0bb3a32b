// The scan at five shapes and of five state sizes, with z, D, bias and softplus; the forward pass also keeps the border states for the
// backward one.
#include "bench.h"

namespace bench {
namespace {

struct Shape {
    int64_t batch, channels, length;
};

constexpr Shape Shapes[] = {{8, 2048, 2048}, {1, 2048, 16384}, {8, 1536, 512}, {1, 1536, 131072}, {64, 256, 1024}};

struct Set {
    mamba_scan_problem problem;
    mamba_scan_outputs outputs;
    mamba_scan_gradients gradients;
};

struct Times {
    double forward, backward;
};

/// `slow`: A between -0.05 and 0 as no initialisation gives it, so that no state ever decays to nothing within a segment.
Times measure(const Shape& s, int64_t N, int dtype, bool slow)
{
    Pool pool;
    int64_t tokens = s.batch * s.length, wide = tokens * s.channels;
    std::vector<int64_t> offsets;
    for (int64_t i = 0; i <= s.batch; i++)
        offsets.push_back(i * s.length);
    void* deviceOffsets = pool.take(static_cast<int64_t>(offsets.size()) * 8);
    cuda(cudaMemcpy(deviceOffsets, offsets.data(), offsets.size() * 8, cudaMemcpyHostToDevice));
    std::vector<float> a(static_cast<size_t>(s.channels * N));
    for (size_t i = 0; i < a.size(); i++)
        a[i] = slow ? -0.05f * static_cast<float>(i * 37 % 101) / 101.0f : -static_cast<float>(i % static_cast<size_t>(N) + 1);
    void* deviceA = pool.take(s.channels * N * 4);
    cuda(cudaMemcpy(deviceA, a.data(), a.size() * 4, cudaMemcpyHostToDevice));

    int64_t element = dtype == MAMBA_FLOAT32 ? 4 : 2;
    int sets = static_cast<int>(std::min<int64_t>(8, 1 + (int64_t(256) << 20) / (4 * wide * element)));
    if (sets < 2)
        sets = 2;
    std::vector<Set> all;
    void *forwardMemory = nullptr, *backwardMemory = nullptr;
    int64_t forwardBytes = 0, backwardBytes = 0;
    for (int i = 0; i < sets; i++) {
        Set k{arguments<mamba_scan_problem>(), arguments<mamba_scan_outputs>(), arguments<mamba_scan_gradients>()};
        mamba_scan_problem& p = k.problem;
        p.dtype = dtype, p.flags = MAMBA_SCAN_SOFTPLUS;
        p.tokens = tokens, p.sequences = s.batch, p.channels = s.channels, p.state_size = N, p.groups = 1;
        p.offsets = static_cast<const int64_t*>(deviceOffsets);
        // Mamba's initial step sizes: 0.001 to 0.1.
        p.x = pool.random(wide, dtype, -1, 1), p.z = pool.random(wide, dtype, -2, 2), p.dt = pool.random(wide, dtype, -6.9f, -2.3f);
        p.b = pool.random(tokens * N, dtype, -1, 1), p.c = pool.random(tokens * N, dtype, -1, 1);
        p.a = static_cast<float*>(deviceA);
        p.d = static_cast<float*>(pool.random(s.channels, MAMBA_FLOAT32, -1, 1));
        p.dt_bias = static_cast<float*>(pool.random(s.channels, MAMBA_FLOAT32, -0.1f, 0.1f));
        int64_t borderBytes = 0;
        ok(mamba_scan_border_size(&p, &borderBytes));
        ok(mamba_scan_forward_workspace(&p, &forwardBytes));
        ok(mamba_scan_backward_workspace(&p, &backwardBytes));
        if (i == 0)
            forwardMemory = pool.take(forwardBytes), backwardMemory = pool.take(backwardBytes);
        k.outputs.y = pool.take(wide * element);
        k.outputs.border_states = static_cast<float*>(pool.take(borderBytes));
        mamba_scan_gradients& g = k.gradients;
        g.border_states = k.outputs.border_states;
        g.grad_y = pool.random(wide, dtype, -1, 1);
        g.grad_x = pool.take(wide * element), g.grad_dt = pool.take(wide * element), g.grad_z = pool.take(wide * element);
        g.grad_b = pool.take(tokens * N * element), g.grad_c = pool.take(tokens * N * element);
        g.grad_a = static_cast<float*>(pool.random(s.channels * N, MAMBA_FLOAT32, 0, 0));
        g.grad_d = static_cast<float*>(pool.random(s.channels, MAMBA_FLOAT32, 0, 0));
        g.grad_dt_bias = static_cast<float*>(pool.random(s.channels, MAMBA_FLOAT32, 0, 0));
        all.push_back(k);
    }
    Times t{};
    t.forward = time(sets, [&](int i) { ok(mamba_scan_forward(&all[i].problem, &all[i].outputs, forwardMemory, forwardBytes, nullptr)); });
    t.backward = time(sets, [&](int i) { ok(mamba_scan_backward(&all[i].problem, &all[i].gradients, backwardMemory, backwardBytes, nullptr)); });
    return t;
}

}

namespace {

/// The least milliseconds that a pass may take.
struct Floors {
    double forwardBytes, backwardBytes, exponentials;
};

Floors floorsOf(const Machine& machine, const Shape& s, int64_t N, int dtype)
{
    double element = dtype == MAMBA_FLOAT32 ? 4 : 2, tokens = static_cast<double>(s.batch * s.length), wide = tokens * static_cast<double>(s.channels);
    double states = tokens * static_cast<double>(N);
    return Floors{(4 * wide + 2 * states) * element / machine.bytes, (7 * wide + 4 * states) * element / machine.bytes,
        wide * static_cast<double>(N) / machine.exponentials};
}

void line(const char* name, const char* type, const Times& t, const Floors& f)
{
    std::printf("%-18s %-4s | %8.3f %7.3f %7.3f %5.0f%% | %8.3f %7.3f %7.3f %5.0f%%", name, type, t.forward, f.forwardBytes, f.exponentials,
        100 * std::max(f.forwardBytes, f.exponentials) / t.forward, t.backward, f.backwardBytes, f.exponentials,
        100 * std::max(f.backwardBytes, f.exponentials) / t.backward);
}

void heading(const char* what)
{
    std::printf("%-18s %-4s | %8s %7s %7s %6s | %8s %7s %7s %6s", what, "type", "forward", "bytes", "exp", "share", "backward", "bytes", "exp", "share");
}

}

void scanTable(const Machine& machine, const char* only, int shape)
{
    std::printf("\nselective scan, state 16, with z, D, bias, softplus; ms\n");
    std::printf("floors: bytes moved once, one exponential a state update; share = larger floor / time\n");
    heading("batch,channels,len");
    std::printf(" | slow decay: forward, backward\n");
    for (int dtype : {MAMBA_BFLOAT16, MAMBA_FLOAT32}) {
        const char* type = dtype == MAMBA_FLOAT32 ? "f32" : "bf16";
        if (only != nullptr && std::strcmp(only, type) != 0)
            continue;
        for (const Shape& s : Shapes) {
            if (shape != 0 && &s != &Shapes[shape - 1])
                continue;
            Times t = measure(s, 16, dtype, false), slow = measure(s, 16, dtype, true);
            char name[64];
            std::snprintf(
                name, sizeof name, "%lld,%lld,%lld",
                static_cast<long long>(s.batch), static_cast<long long>(s.channels), static_cast<long long>(s.length));
            line(name, type, t, floorsOf(machine, s, 16, dtype));
            std::printf(" | %.3f %.3f\n", slow.forward, slow.backward);
        }
    }
}

void stateTable(const Machine& machine)
{
    std::printf("\nselective scan by state size, 8 sequences of 2048 tokens, 2048 channels\n");
    heading("state");
    std::printf("\n");
    for (int dtype : {MAMBA_BFLOAT16, MAMBA_FLOAT32})
        for (int64_t N : {8, 16, 32, 64, 128}) {
            char name[64];
            std::snprintf(name, sizeof name, "%lld", static_cast<long long>(N));
            line(name, dtype == MAMBA_FLOAT32 ? "f32" : "bf16", measure(Shapes[0], N, dtype, false), floorsOf(machine, Shapes[0], N, dtype));
            std::printf("\n");
        }
}

}
