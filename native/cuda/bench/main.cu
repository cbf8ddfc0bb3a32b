// mamba_cuda_bench [scan|states|operators] [bf16|f32] [number of a shape]: milliseconds of each kernel beside the least that the device allows.
#include <cuda_bf16.h>
#include <cuda_fp16.h>

#include <string>

#include "bench.h"

namespace bench {

__global__ void fill(void* to, int64_t count, int dtype, unsigned seed, float low, float high)
{
    for (int64_t i = blockIdx.x * static_cast<int64_t>(blockDim.x) + threadIdx.x; i < count; i += static_cast<int64_t>(gridDim.x) * blockDim.x) {
        uint64_t v = (static_cast<uint64_t>(i) + 0x9e3779b97f4a7c15ull * seed) * 0xbf58476d1ce4e5b9ull;
        v = (v ^ (v >> 31)) * 0x94d049bb133111ebull;
        float u = low + (high - low) * static_cast<float>((v >> 40) & 0xffffff) / 16777216.0f;
        if (dtype == MAMBA_FLOAT32)
            static_cast<float*>(to)[i] = u;
        else if (dtype == MAMBA_FLOAT16)
            static_cast<__half*>(to)[i] = __float2half_rn(u);
        else
            static_cast<__nv_bfloat16*>(to)[i] = __float2bfloat16_rn(u);
    }
}

void* Pool::random(int64_t count, int dtype, float low, float high)
{
    void* p = take(count * (dtype == MAMBA_FLOAT32 ? 4 : 2));
    fill<<<1024, 256>>>(p, count, dtype, seed++, low, high);
    cuda(cudaGetLastError());
    return p;
}

Machine measure()
{
    Machine m{};
    int device = 0, processors = 0, kilohertz = 0;
    cuda(cudaGetDevice(&device));
    cudaDeviceProp properties;
    cuda(cudaGetDeviceProperties(&properties, device));
    std::snprintf(m.name, sizeof m.name, "%s", properties.name);
    cuda(cudaDeviceGetAttribute(&processors, cudaDevAttrMultiProcessorCount, device));
    cuda(cudaDeviceGetAttribute(&kilohertz, cudaDevAttrClockRate, device));
    m.exponentials = 16.0 * processors * kilohertz;
    Pool pool;
    int64_t size = int64_t(2) << 30;
    void *a = pool.random(size / 4, MAMBA_FLOAT32, -1, 1), *b = pool.take(size);
    double ms = time(1, [&](int) { cuda(cudaMemcpyAsync(b, a, static_cast<size_t>(size), cudaMemcpyDeviceToDevice)); });
    m.bytes = 2.0 * static_cast<double>(size) / ms;
    std::printf("%s, %d multiprocessors at %.0f MHz; copy %.0f GB/s; %.2f T exponentials/s on the special function units\n", m.name, processors,
        kilohertz / 1000.0, m.bytes / 1e6, m.exponentials / 1e9);
    return m;
}

}

int main(int count, char** values)
{
    std::string what = count > 1 ? values[1] : "";
    bench::Machine machine = bench::measure();
    if (what.empty() || what == "scan")
        bench::scanTable(machine, count > 2 ? values[2] : nullptr, count > 3 ? std::atoi(values[3]) : 0);
    if (what.empty() || what == "states")
        bench::stateTable(machine);
    if (what.empty() || what == "operators")
        bench::operatorTable(machine);
    return 0;
}
