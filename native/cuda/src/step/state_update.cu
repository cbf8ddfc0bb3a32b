// One token of the scan for each of a batch of sequences. Eight lanes share a channel's states; the state's memory traffic is what costs.
#include "../common/dispatch.cuh"

namespace mamba {
namespace {

constexpr int Lanes = 8;

template <class T>
__global__ void __launch_bounds__(256) stateUpdateKernel(const mamba_state_update p)
{
    int64_t index = globalThread() / Lanes, lane = threadIdx.x % Lanes;
    bool here = index < p.batch * p.channels;
    // All lanes stay for the shuffles; those past the end repeat the last channel and write nothing.
    if (!here)
        index = p.batch * p.channels - 1;
    int64_t channel = index % p.channels, row = index / p.channels, group = channel / (p.channels / p.groups), n = p.state_size;
    float x = toFloat(static_cast<const T*>(p.x)[row * p.x_stride + channel]);
    float pre = toFloat(static_cast<const T*>(p.dt)[row * p.dt_stride + channel]) + (p.dt_bias != nullptr ? p.dt_bias[channel] : 0.0f);
    float delta = (p.flags & MAMBA_SCAN_SOFTPLUS) != 0 ? softplus<sizeof(T) == 4>(pre) : pre, y = 0;
    const T* b = static_cast<const T*>(p.b) + row * p.b_stride + group * n;
    const T* c = static_cast<const T*>(p.c) + row * p.c_stride + group * n;
    float* state = p.state + index * n;
    for (int64_t i = lane; i < n; i += Lanes) {
        float h = exp2Approx(delta * p.a[channel * n + i] * Log2E) * state[i] + delta * x * toFloat(b[i]);
        y += h * toFloat(c[i]);
        if (here)
            state[i] = h;
    }
    for (int mask = Lanes / 2; mask > 0; mask /= 2)
        y += __shfl_xor_sync(FullWarp, y, mask);
    if (!here || lane != 0)
        return;
    if (p.d != nullptr)
        y += p.d[channel] * x;
    if (p.z != nullptr) {
        float z = toFloat(static_cast<const T*>(p.z)[row * p.z_stride + channel]);
        y *= z * sigmoid(z);
    }
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
    dim3 grid;
    MAMBA_TRY(gridFor(p.batch * p.channels * Lanes, 256, grid));
    return withType(p.dtype, [&](auto type) {
        return checkCuda(launch(stateUpdateKernel<decltype(type)>, grid, 256, 0, static_cast<cudaStream_t>(stream), p), "state update");
    });
}
