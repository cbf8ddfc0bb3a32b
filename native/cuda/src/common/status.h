#ifndef MAMBA_STATUS_H
#define MAMBA_STATUS_H

#include <cuda_runtime.h>

#include "mamba_cuda.h"

namespace mamba {

/// Keeps a printf-style message as the calling thread's last error and returns `status`.
mamba_status fail(mamba_status status, const char* format, ...);

mamba_status checkCuda(cudaError_t result, const char* what);

/// Struct header, by name of the struct.
mamba_status checkHeader(const void* arguments, uint32_t size, const char* name);

mamba_status checkRange(const char* name, int64_t value, int64_t low, int64_t high);
mamba_status checkType(const char* name, int32_t dtype);
mamba_status checkPointer(const char* name, const void* pointer);

/// A row stride: 0 becomes `width`, and less than `width` is an error where there is more than one row.
mamba_status checkStride(const char* name, int64_t& stride, int64_t width);

/// Multiprocessors of the current device.
mamba_status multiprocessors(int& count);

/// The same, and the shared memory of one and the most of it that a block can have, in bytes.
mamba_status multiprocessors(int& count, int& shared, int& sharedOfBlock);

/// Aligned parts of a caller's workspace; without memory it only adds up.
class Workspace {
public:
    explicit Workspace(void* memory = nullptr) : base(static_cast<char*>(memory)), used(0) {}

    template <class T>
    T* take(int64_t count)
    {
        T* part = base == nullptr ? nullptr : reinterpret_cast<T*>(base + used);
        used += (count * static_cast<int64_t>(sizeof(T)) + 255) / 256 * 256;
        return part;
    }

    int64_t bytes() const { return used; }

private:
    char* base;
    int64_t used;
};

mamba_status checkWorkspace(const void* memory, int64_t bytes, int64_t needed);

inline size_t sizeOfType(int32_t dtype) { return dtype == MAMBA_FLOAT32 ? 4 : 2; }

/// Whether rows can be read four elements at a time.
inline bool rowsAligned(const void* pointer, int64_t stride, int32_t dtype)
{
    return reinterpret_cast<uintptr_t>(pointer) % (4 * sizeOfType(dtype)) == 0 && stride % 4 == 0;
}

inline int64_t divideUp(int64_t a, int64_t b) { return (a + b - 1) / b; }

}

#define MAMBA_TRY(expression)                     \
    do {                                          \
        mamba_status triedStatus = (expression);  \
        if (triedStatus != MAMBA_OK)              \
            return triedStatus;                   \
    } while (0)

#endif
