// One token of the scan for each of a batch of sequences. Four lanes share a channel's states, four at a time; the state's memory traffic
// is what costs.
#include "../common/dispatch.cuh"

namespace mamba {
namespace {

constexpr int Lanes = 4, Threads = 256, BlockChannels = Threads / Lanes;

struct StateUpdateParams {
    mamba_state_update in;
    int rowBlocks;                             // blocks of a row's channels
    bool alignedStates, alignedProjections;    // states, or rows of B and C, can be accessed four at a time
};

template <class T>
__global__ void __launch_bounds__(Threads) stateUpdateKernel(const StateUpdateParams q)
{
    const mamba_state_update& p = q.in;
    int64_t row = blockIdx.x / q.rowBlocks;
    int channels = static_cast<int>(p.channels), n = static_cast<int>(p.state_size), lane = threadIdx.x % Lanes;
    int channel = blockIdx.x % q.rowBlocks * BlockChannels + threadIdx.x / Lanes;
    bool here = channel < channels;
    // All lanes stay for the shuffles; those past the end repeat the last channel and write nothing.
    if (!here)
        channel = channels - 1;
    int64_t group = channel / (channels / static_cast<int>(p.groups));
    float x = toFloat(static_cast<const T*>(p.x)[row * p.x_stride + channel]);
    float pre = toFloat(static_cast<const T*>(p.dt)[row * p.dt_stride + channel]) + (p.dt_bias != nullptr ? p.dt_bias[channel] : 0.0f);
    float z = p.z != nullptr ? toFloat(static_cast<const T*>(p.z)[row * p.z_stride + channel]) : 0.0f;
    float delta = (p.flags & MAMBA_SCAN_SOFTPLUS) != 0 ? softplus<sizeof(T) == 4>(pre) : pre, y = 0;
    const T* b = static_cast<const T*>(p.b) + row * p.b_stride + group * n;
    const T* c = static_cast<const T*>(p.c) + row * p.c_stride + group * n;
    const float* a = p.a + static_cast<int64_t>(channel) * n;
    float* state = p.state + (row * channels + channel) * n;
    for (int i = lane * 4; i < n; i += Lanes * 4) {
        int valid = n - i;
        Raw4<float> decay = load4(a + i, valid, q.alignedStates);
        Raw4<T> from = load4(b + i, valid, q.alignedProjections), to = load4(c + i, valid, q.alignedProjections);
        float h[4] = {};
        if (q.alignedStates) {
            float4 v = *reinterpret_cast<const float4*>(state + i);
            h[0] = v.x, h[1] = v.y, h[2] = v.z, h[3] = v.w;
        } else {
            for (int j = 0; j < 4 && j < valid; j++)
                h[j] = state[i + j];
        }
        for (int j = 0; j < 4; j++) {
            h[j] = exp2Approx(delta * decay[j] * Log2E) * h[j] + delta * x * from[j];
            y += h[j] * to[j];
        }
        if (here)
            store4(state + i, h, valid, q.alignedStates);
    }
    for (int mask = Lanes / 2; mask > 0; mask /= 2)
        y += __shfl_xor_sync(FullWarp, y, mask);
    if (!here || lane != 0)
        return;
    if (p.d != nullptr)
        y += p.d[channel] * x;
    if (p.z != nullptr)
        y *= z * sigmoid(z);
    T* to = static_cast<T*>(p.y) + row * p.y_stride + channel;
    *to = fromFloat<T>((p.flags & MAMBA_SCAN_ACCUMULATE_Y) != 0 ? toFloat(*to) + y : y);
}

}
}

using namespace mamba;

extern "C" mamba_status mamba_scan_update(const mamba_state_update* arguments, void* stream)
{
    MAMBA_TRY(checkHeader(arguments, sizeof *arguments, "mamba_state_update"));
    mamba_state_update p = *arguments;
    MAMBA_TRY(checkType("dtype", p.dtype));
    if ((p.flags & ~5u) != 0)
        return fail(MAMBA_INVALID_ARGUMENT, "flags must be a sum of 1 and 4; got %u.", p.flags);
    MAMBA_TRY(checkRange("batch", p.batch, 0, INT_MAX));
    MAMBA_TRY(checkRange("channels", p.channels, 1, INT_MAX / 256));
    MAMBA_TRY(checkRange("state_size", p.state_size, 1, 256));
    MAMBA_TRY(checkRange("groups", p.groups, 1, p.channels));
    if (p.channels % p.groups != 0)
        return fail(MAMBA_INVALID_ARGUMENT, "groups must divide the %lld channels; got %lld.", static_cast<long long>(p.channels), static_cast<long long>(p.groups));
    MAMBA_TRY(checkStride("x_stride", p.x_stride, p.channels));
    MAMBA_TRY(checkStride("dt_stride", p.dt_stride, p.channels));
    MAMBA_TRY(checkStride("b_stride", p.b_stride, p.groups * p.state_size));
    MAMBA_TRY(checkStride("c_stride", p.c_stride, p.groups * p.state_size));
    MAMBA_TRY(checkStride("z_stride", p.z_stride, p.channels));
    MAMBA_TRY(checkStride("y_stride", p.y_stride, p.channels));
    MAMBA_TRY(checkPointer("a", p.a));
    if (p.batch == 0)
        return MAMBA_OK;
    MAMBA_TRY(checkPointer("x", p.x));
    MAMBA_TRY(checkPointer("dt", p.dt));
    MAMBA_TRY(checkPointer("b", p.b));
    MAMBA_TRY(checkPointer("c", p.c));
    MAMBA_TRY(checkPointer("state", p.state));
    MAMBA_TRY(checkPointer("y", p.y));
    StateUpdateParams q{p, static_cast<int>(divideUp(p.channels, BlockChannels)), false, false};
    bool fours = p.state_size % 4 == 0;
    q.alignedStates = fours && rowsAligned(p.a, 0, MAMBA_FLOAT32) && rowsAligned(p.state, 0, MAMBA_FLOAT32);
    q.alignedProjections = fours && rowsAligned(p.b, p.b_stride, p.dtype) && rowsAligned(p.c, p.c_stride, p.dtype);
    dim3 grid;
    MAMBA_TRY(gridFor(p.batch * q.rowBlocks, 1, grid));
    return withType(p.dtype, [&](auto type) {
        return checkCuda(launch(stateUpdateKernel<decltype(type)>, grid, Threads, 0, static_cast<cudaStream_t>(stream), q), "state update");
    });
}
