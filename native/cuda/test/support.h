// Buffers with poison around them, seeded random values, comparisons that NaN fails, and the count of what failed.
#ifndef MAMBA_TEST_SUPPORT_H
#define MAMBA_TEST_SUPPORT_H

#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_runtime.h>
#include <stdint.h>

#include <cmath>
#include <cstdio>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "mamba_cuda.h"

namespace test {

struct Counts {
    int checks = 0, failures = 0;
    std::string scope;
    double worst = 0;   // largest error over its tolerance
};

inline Counts& counts()
{
    static Counts c;
    return c;
}

inline void check(bool holds, const char* format, const std::string& what, double value = 0, double limit = 0)
{
    counts().checks++;
    if (holds)
        return;
    counts().failures++;
    std::printf("FAIL %s: ", counts().scope.c_str());
    std::printf(format, what.c_str(), value, limit);
    std::printf("\n");
}

inline void cuda(cudaError_t result)
{
    if (result == cudaSuccess)
        return;
    std::printf("CUDA error %d: %s\n", static_cast<int>(result), cudaGetErrorString(result));
    std::exit(2);
}

inline bool ok(mamba_status status, const char* what)
{
    check(status == MAMBA_OK, "%s", std::string(what) + " gave " + std::to_string(status) + ": " + mamba_last_error());
    return status == MAMBA_OK;
}

inline size_t sizeOfType(int dtype) { return dtype == MAMBA_FLOAT32 ? 4 : 2; }

inline double readElement(const unsigned char* p, int dtype)
{
    if (dtype == MAMBA_FLOAT32) {
        float v;
        std::memcpy(&v, p, 4);
        return v;
    }
    uint16_t bits;
    std::memcpy(&bits, p, 2);
    if (dtype == MAMBA_FLOAT16)
        return __half2float(__ushort_as_half(bits));
    uint32_t wide = static_cast<uint32_t>(bits) << 16;
    float v;
    std::memcpy(&v, &wide, 4);
    return v;
}

inline void writeElement(unsigned char* p, int dtype, double value)
{
    float v = static_cast<float>(value);
    if (dtype == MAMBA_FLOAT32) {
        std::memcpy(p, &v, 4);
        return;
    }
    uint16_t bits = dtype == MAMBA_FLOAT16 ? __half_as_ushort(__float2half_rn(v)) : __bfloat16_as_ushort(__float2bfloat16_rn(v));
    std::memcpy(p, &bits, 2);
}

inline std::mt19937_64& random()
{
    static std::mt19937_64 engine(20240917);
    return engine;
}

inline double uniform(double low, double high) { return std::uniform_real_distribution<double>(low, high)(random()); }

/// A device matrix whose row gaps, and 64 bytes before and after it, are poison (NaN in every type) that has to stay.
class Matrix {
public:
    Matrix() = default;
    Matrix(int64_t rows, int64_t width, int64_t gap = 0, int dtype = MAMBA_FLOAT32, int64_t shift = 0)
        : rows(rows), width(width), stride(width + gap), dtype(dtype), front(256 + shift * static_cast<int64_t>(sizeOfType(dtype))),
          bytes(front + static_cast<size_t>(rows * stride) * sizeOfType(dtype) + 64), host(bytes, 0xff)
    {
        cuda(cudaMalloc(&device, bytes));
        upload();
    }
    Matrix(const Matrix&) = delete;
    Matrix(Matrix&& other) noexcept { swap(other); }
    Matrix& operator=(Matrix&& other) noexcept
    {
        swap(other);
        return *this;
    }
    ~Matrix()
    {
        if (device != nullptr)
            cudaFree(device);
    }

    bool present() const { return device != nullptr; }
    template <class T = void> T* pointer() const { return device == nullptr ? nullptr : reinterpret_cast<T*>(device + front); }
    double get(int64_t row, int64_t column) const { return readElement(&host[at(row, column)], dtype); }
    void set(int64_t row, int64_t column, double value) { writeElement(&host[at(row, column)], dtype, value); }

    Matrix& fill(double low, double high)
    {
        for (int64_t r = 0; r < rows; r++)
            for (int64_t c = 0; c < width; c++)
                set(r, c, uniform(low, high));
        upload();
        return *this;
    }

    std::vector<double> values() const
    {
        std::vector<double> all(static_cast<size_t>(rows * width));
        for (int64_t r = 0; r < rows; r++)
            for (int64_t c = 0; c < width; c++)
                all[static_cast<size_t>(r * width + c)] = get(r, c);
        return all;
    }

    /// The values that `values` gave.
    void write(const std::vector<double>& all)
    {
        for (int64_t r = 0; r < rows; r++)
            for (int64_t c = 0; c < width; c++)
                set(r, c, all[static_cast<size_t>(r * width + c)]);
        upload();
    }

    void upload() { cuda(cudaMemcpy(device, host.data(), bytes, cudaMemcpyHostToDevice)); }

    void poison()
    {
        std::fill(host.begin(), host.end(), static_cast<unsigned char>(0xff));
        upload();
    }

    void download(const char* name)
    {
        cuda(cudaMemcpy(host.data(), device, bytes, cudaMemcpyDeviceToHost));
        bool kept = true;
        for (size_t i = 0; i < front; i++)
            kept = kept && host[i] == 0xff;
        for (int64_t r = 0; r < rows; r++)
            for (size_t i = at(r, width); i < at(r, stride); i++)
                kept = kept && host[i] == 0xff;
        for (size_t i = at(rows, 0); i < bytes; i++)
            kept = kept && host[i] == 0xff;
        check(kept, "%s: something was written outside of it", name);
    }

    const std::vector<unsigned char>& raw() const { return host; }

    int64_t rows = 0, width = 0, stride = 0;
    int dtype = MAMBA_FLOAT32;

private:
    size_t at(int64_t row, int64_t column) const { return front + static_cast<size_t>(row * stride + column) * sizeOfType(dtype); }
    void swap(Matrix& o)
    {
        std::swap(rows, o.rows), std::swap(width, o.width), std::swap(stride, o.stride), std::swap(dtype, o.dtype);
        std::swap(front, o.front), std::swap(bytes, o.bytes), std::swap(host, o.host), std::swap(device, o.device);
    }

    size_t front = 0, bytes = 0;
    std::vector<unsigned char> host;
    unsigned char* device = nullptr;
};

/// Largest and root-mean-square difference, against the reference's root mean square; the tolerance holds for the latter, 30 times it for the former.
inline void compare(const char* name, Matrix& got, const std::vector<double>& expected, double tolerance)
{
    got.download(name);
    std::vector<double> values = got.values();
    double square = 0, difference = 0, largest = 0;
    bool finite = values.size() == expected.size();
    for (size_t i = 0; i < values.size() && finite; i++) {
        double d = std::fabs(values[i] - expected[i]);
        finite = d <= 1e30;
        square += expected[i] * expected[i];
        difference += d * d;
        largest = d > largest ? d : largest;
    }
    double count = values.empty() ? 1 : static_cast<double>(values.size());
    double scale = std::sqrt(square / count) + 1e-20, error = std::sqrt(difference / count) / scale, peak = largest / scale / 30;
    error = peak > error ? peak : error;
    check(finite, "%s: not finite", name);
    check(finite && error <= tolerance, "%s: error %.3g, tolerance %.3g", name, error, tolerance);
    if (finite && error / tolerance > counts().worst)
        counts().worst = error / tolerance;
}

/// Rounding of an output in its element type, on top of `base`.
inline double toleranceOf(int dtype, double base) { return base + (dtype == MAMBA_FLOAT32 ? 0 : dtype == MAMBA_FLOAT16 ? 5e-4 : 4e-3); }

inline const char* typeName(int dtype) { return dtype == MAMBA_FLOAT32 ? "f32" : dtype == MAMBA_FLOAT16 ? "f16" : "bf16"; }

struct Offsets {
    std::vector<int64_t> values;
    Matrix memory;

    explicit Offsets(const std::vector<int64_t>& lengths)
    {
        values.push_back(0);
        for (int64_t length : lengths)
            values.push_back(values.back() + length);
        memory = Matrix(1, static_cast<int64_t>(values.size()) * 2);
        cuda(cudaMemcpy(memory.pointer(), values.data(), values.size() * 8, cudaMemcpyHostToDevice));
    }
    int64_t sequences() const { return static_cast<int64_t>(values.size()) - 1; }
    int64_t tokens() const { return values.back(); }
    const int64_t* pointer() const { return memory.pointer<int64_t>(); }
};

struct Memory {
    Matrix matrix;
    explicit Memory(int64_t bytes) : matrix(1, (bytes + 3) / 4), size(bytes) {}
    int64_t size;
};

template <class T>
T arguments()
{
    T value;
    std::memset(&value, 0, sizeof value);
    value.struct_size = sizeof value;
    value.abi_version = MAMBA_ABI_VERSION;
    return value;
}

void scanTests(bool small);
void operatorTests(bool small);
void optimizerTests();
void errorTests();

}

#endif
