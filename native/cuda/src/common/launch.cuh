#ifndef MAMBA_LAUNCH_CUH
#define MAMBA_LAUNCH_CUH

#include <cuda_runtime.h>

namespace mamba {

/// Launches a kernel on the caller's stream, with more shared memory than the default allows where it asks for more.
template <class... Parameters, class... Values>
cudaError_t launch(void (*kernel)(Parameters...), dim3 grid, dim3 block, size_t sharedBytes, cudaStream_t stream, Values... values)
{
    if (sharedBytes > 48 * 1024) {
        cudaError_t raised = cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, static_cast<int>(sharedBytes));
        if (raised != cudaSuccess)
            return raised;
    }

    kernel<<<grid, block, sharedBytes, stream>>>(static_cast<Parameters>(values)...);
    return cudaGetLastError();
}

}

#endif
