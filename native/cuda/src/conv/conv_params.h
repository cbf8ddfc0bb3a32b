#ifndef MAMBA_CONV_PARAMS_H
#define MAMBA_CONV_PARAMS_H

#include <stdint.h>

namespace mamba {

constexpr int ConvThreads = 128;       // each has four neighbouring channels
constexpr int ConvTile = 64;           // steps that a thread walks
constexpr int MaxConvKernel = 64;
constexpr int MaxRolledKernel = 4;     // up to here the window stays in registers

struct ConvParams {
    int64_t tokens, sequences, channels, slots, workers;
    int kernel;
    const int64_t* offsets;
    const void *x, *gradY;
    void *y, *gradX;
    int64_t xStride, yStride, gradYStride, gradXStride;
    const float *weight, *bias, *initial;
    float *final, *parts, *gradPre;    // parts [workers, channels, kernel + 1]; gradPre [tokens, channels] for large kernels
    bool silu, reverse, accumulate, aligned;
};

}

#endif
