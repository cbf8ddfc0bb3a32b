#include "status.h"

#include <cstdarg>
#include <cstdio>

namespace mamba {

namespace {
thread_local char lastError[512] = "no error";
}

mamba_status fail(mamba_status status, const char* format, ...)
{
    va_list values;
    va_start(values, format);
    vsnprintf(lastError, sizeof lastError, format, values);
    va_end(values);
    return status;
}

mamba_status checkCuda(cudaError_t result, const char* what)
{
    if (result == cudaSuccess)
        return MAMBA_OK;
    return fail(MAMBA_CUDA_ERROR, "%s: CUDA error %d, %s (%s).", what, static_cast<int>(result), cudaGetErrorName(result), cudaGetErrorString(result));
}

mamba_status checkHeader(const void* arguments, uint32_t size, const char* name)
{
    if (arguments == nullptr)
        return fail(MAMBA_INVALID_ARGUMENT, "%s must not be null.", name);
    const uint32_t* header = static_cast<const uint32_t*>(arguments);
    if (header[0] != size)
        return fail(MAMBA_WRONG_ABI, "%s.struct_size must be %u; got %u.", name, size, header[0]);
    if (header[1] != MAMBA_ABI_VERSION)
        return fail(MAMBA_WRONG_ABI, "%s.abi_version must be %u; got %u.", name, MAMBA_ABI_VERSION, header[1]);
    return MAMBA_OK;
}

mamba_status checkRange(const char* name, int64_t value, int64_t low, int64_t high)
{
    if (value >= low && value <= high)
        return MAMBA_OK;
    return fail(MAMBA_INVALID_ARGUMENT, "%s must be %lld to %lld; got %lld.", name, static_cast<long long>(low), static_cast<long long>(high),
        static_cast<long long>(value));
}

mamba_status checkType(const char* name, int32_t dtype)
{
    if (dtype == MAMBA_FLOAT32 || dtype == MAMBA_FLOAT16 || dtype == MAMBA_BFLOAT16)
        return MAMBA_OK;
    return fail(MAMBA_INVALID_ARGUMENT, "%s must be 0 (float32), 1 (float16) or 2 (bfloat16); got %d.", name, dtype);
}

mamba_status checkPointer(const char* name, const void* pointer)
{
    return pointer != nullptr ? MAMBA_OK : fail(MAMBA_INVALID_ARGUMENT, "%s must not be null.", name);
}

mamba_status checkStride(const char* name, int64_t& stride, int64_t width)
{
    if (stride == 0)
        stride = width;
    if (stride >= width)
        return MAMBA_OK;
    return fail(MAMBA_INVALID_ARGUMENT, "%s must be 0 or at least the row's width %lld; got %lld.", name, static_cast<long long>(width),
        static_cast<long long>(stride));
}

mamba_status multiprocessors(int& count)
{
    int device = 0;
    MAMBA_TRY(checkCuda(cudaGetDevice(&device), "cudaGetDevice"));
    return checkCuda(cudaDeviceGetAttribute(&count, cudaDevAttrMultiProcessorCount, device), "cudaDeviceGetAttribute");
}

mamba_status multiprocessors(int& count, int& shared, int& sharedOfBlock)
{
    MAMBA_TRY(multiprocessors(count));
    int device = 0;
    MAMBA_TRY(checkCuda(cudaGetDevice(&device), "cudaGetDevice"));
    MAMBA_TRY(checkCuda(cudaDeviceGetAttribute(&shared, cudaDevAttrMaxSharedMemoryPerMultiprocessor, device), "cudaDeviceGetAttribute"));
    return checkCuda(cudaDeviceGetAttribute(&sharedOfBlock, cudaDevAttrMaxSharedMemoryPerBlockOptin, device), "cudaDeviceGetAttribute");
}

mamba_status checkWorkspace(const void* memory, int64_t bytes, int64_t needed)
{
    if (needed == 0)
        return MAMBA_OK;
    if (bytes < needed)
        return fail(MAMBA_WORKSPACE_TOO_SMALL, "workspace must have %lld bytes; got %lld.", static_cast<long long>(needed), static_cast<long long>(bytes));
    MAMBA_TRY(checkPointer("workspace", memory));
    if (reinterpret_cast<uintptr_t>(memory) % 256 != 0)
        return fail(MAMBA_INVALID_ARGUMENT, "workspace must be aligned to 256 bytes.");
    return MAMBA_OK;
}

}

extern "C" {

uint32_t mamba_abi_version(void)
{
    return MAMBA_ABI_VERSION;
}

const char* mamba_last_error(void)
{
    return mamba::lastError;
}

}
