// Timing by events over rotated buffers.
#ifndef MAMBA_BENCH_H
#define MAMBA_BENCH_H

#include <cuda_runtime.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <vector>

#include "mamba_cuda.h"

namespace bench {

inline void cuda(cudaError_t result)
{
    if (result == cudaSuccess)
        return;
    std::printf("CUDA error %d: %s\n", static_cast<int>(result), cudaGetErrorString(result));
    std::exit(2);
}

inline void ok(mamba_status status)
{
    if (status == MAMBA_OK)
        return;
    std::printf("status %d: %s\n", status, mamba_last_error());
    std::exit(2);
}

template <class T>
T arguments()
{
    T value;
    std::memset(&value, 0, sizeof value);
    value.struct_size = sizeof value;
    value.abi_version = MAMBA_ABI_VERSION;
    return value;
}

/// Device memory that is freed all at once.
class Pool {
public:
    Pool() = default;
    Pool(const Pool&) = delete;
    ~Pool()
    {
        for (void* p : parts)
            cudaFree(p);
    }
    void* take(int64_t bytes)
    {
        void* p = nullptr;
        cuda(cudaMalloc(&p, static_cast<size_t>(std::max<int64_t>(bytes, 256))));
        parts.push_back(p);
        return p;
    }
    /// Random values between low and high.
    void* random(int64_t count, int dtype, float low, float high);

private:
    std::vector<void*> parts;
    unsigned seed = 1;
};

/// Median milliseconds of `work(i)`, i counting buffers 0 .. sets - 1 in turn. MAMBA_BENCH_ONCE=1, for profilers: works once, times nothing.
inline double time(int sets, const std::function<void(int)>& work)
{
    const char* once = std::getenv("MAMBA_BENCH_ONCE");
    if (once != nullptr && std::strcmp(once, "1") == 0) {
        work(0);
        cuda(cudaDeviceSynchronize());
        return 0;
    }
    cudaEvent_t begin, end;
    cuda(cudaEventCreate(&begin));
    cuda(cudaEventCreate(&end));
    auto run = [&](int count) {
        cuda(cudaEventRecord(begin));
        for (int i = 0; i < count; i++)
            work(i % sets);
        cuda(cudaEventRecord(end));
        cuda(cudaEventSynchronize(end));
        float ms = 0;
        cuda(cudaEventElapsedTime(&ms, begin, end));
        return static_cast<double>(ms) / count;
    };
    run(2 * sets);
    int count = std::max(sets, std::min(200, static_cast<int>(30.0 / run(sets)) + 1));
    std::vector<double> all;
    for (int i = 0; i < 7; i++)
        all.push_back(run(count));
    std::sort(all.begin(), all.end());
    cuda(cudaEventDestroy(begin));
    cuda(cudaEventDestroy(end));
    return all[all.size() / 2];
}

/// What the device can do: bytes and exponentials a millisecond.
struct Machine {
    double bytes, exponentials;
    char name[256];
};

/// `only`: one type by name, or null; `shape`: one shape by its number from 1, or 0.
void scanTable(const Machine& machine, const char* only, int shape);
/// Other state sizes at one shape.
void stateTable(const Machine& machine);
void operatorTable(const Machine& machine);

}

#endif
