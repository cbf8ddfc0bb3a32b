/*
 * Fused CUDA kernels of Microsoft.ML.Mamba behind a plain C interface.
 *
 * Layout: T tokens of all sequences lie end to end, token-major; `offsets` [sequences + 1] (int64, on the device, offsets[0] = 0,
 * offsets[sequences] = tokens, not decreasing) says where sequences begin and end. A stride is the distance of two rows in elements
 * (0: rows are dense). Pointers are device pointers; a null pointer means that an optional tensor is absent.
 *
 * Types: per-token tensors have the element type `dtype`; parameters, biases, states and their gradients are float32, and so is every sum.
 *
 * Every function works on the caller's stream, in the caller's workspace (any contents; the *_workspace functions give its size in
 * bytes; 256-byte aligned), allocates nothing, never synchronises, and may be called by several threads at once. Results are the same
 * in every run on one kind of device. A function that does not return MAMBA_OK has either done nothing or left its outputs undefined;
 * mamba_last_error() says why, on the calling thread. Arguments that can be checked without reading device memory are checked; the
 * contents of `offsets` cannot be.
 */
#ifndef MAMBA_CUDA_H
#define MAMBA_CUDA_H

#include <stdint.h>

#if defined(_WIN32)
#if defined(MAMBA_CUDA_BUILD)
#define MAMBA_API __declspec(dllexport)
#else
#define MAMBA_API __declspec(dllimport)
#endif
#else
#define MAMBA_API __attribute__((visibility("default")))
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* Changes whenever a struct or the meaning of a function does. */
#define MAMBA_ABI_VERSION 1u

typedef int32_t mamba_status;
enum {
    MAMBA_OK = 0,
    MAMBA_INVALID_ARGUMENT = 1,
    MAMBA_WRONG_ABI = 2,
    MAMBA_WORKSPACE_TOO_SMALL = 3,
    MAMBA_CUDA_ERROR = 4
};

enum { MAMBA_FLOAT32 = 0, MAMBA_FLOAT16 = 1, MAMBA_BFLOAT16 = 2 };

/* Every argument struct begins with these two: sizeof of the struct, and MAMBA_ABI_VERSION. */
#define MAMBA_STRUCT_HEADER uint32_t struct_size; uint32_t abi_version

MAMBA_API uint32_t mamba_abi_version(void);

/* Why the calling thread's last failed call failed; never null. */
MAMBA_API const char* mamba_last_error(void);

/* Makes `device` the calling thread's current one, on which the other functions run, and gives the number of the one that was. */
MAMBA_API mamba_status mamba_set_device(int32_t device, int32_t* previous);

/* ---- Selective scan -------------------------------------------------------------------------------------------------------------
 * delta_t = softplus(dt_t + dt_bias);  h_t[n] = exp(delta_t A[n]) h_{t-1}[n] + delta_t B_t[n] x_t;
 * y_t = (sum over n of C_t[n] h_t[n] + D x_t) SiLU(z_t), for every channel.
 */
enum {
    MAMBA_SCAN_SOFTPLUS = 1,       /* delta = softplus(dt + dt_bias) rather than dt + dt_bias */
    MAMBA_SCAN_REVERSE = 2,        /* each sequence is read from its last token to its first */
    MAMBA_SCAN_ACCUMULATE_Y = 4    /* y is added to (+=) rather than overwritten */
};

typedef struct mamba_scan_problem {
    MAMBA_STRUCT_HEADER;
    int32_t dtype;
    uint32_t flags;
    int64_t tokens, sequences, channels;
    int64_t state_size;            /* 1 to 256 */
    int64_t groups;                /* divides channels; channel c uses group c / (channels / groups) of B and C */
    int64_t max_length;            /* longest sequence if the caller knows it, 0: sequences are taken to be about equal; only speed depends on it */
    int64_t segment_length;        /* tokens after which a sequence is split along time; 0: chosen; rounded up to whole chunks */
    const int64_t* offsets;
    const void* x;  int64_t x_stride;   /* [tokens, channels] */
    const void* dt; int64_t dt_stride;  /* [tokens, channels] */
    const void* b;  int64_t b_stride;   /* [tokens, groups, state_size] */
    const void* c;  int64_t c_stride;   /* [tokens, groups, state_size] */
    const void* z;  int64_t z_stride;   /* [tokens, channels], optional */
    const float* a;                /* [channels, state_size] */
    const float* d;                /* [channels], optional */
    const float* dt_bias;          /* [channels], optional */
    const float* initial_state;    /* [sequences, channels, state_size], optional: zero */
} mamba_scan_problem;

typedef struct mamba_scan_outputs {
    MAMBA_STRUCT_HEADER;
    void* y; int64_t y_stride;     /* [tokens, channels] */
    float* final_state;            /* [sequences, channels, state_size], optional, overwritten; may be initial_state */
    float* border_states;          /* mamba_scan_border_size bytes, optional, overwritten: what the backward pass needs */
} mamba_scan_outputs;

enum {                             /* gradients that are added to (+=) rather than overwritten */
    MAMBA_ACCUMULATE_X = 1, MAMBA_ACCUMULATE_DT = 2, MAMBA_ACCUMULATE_B = 4, MAMBA_ACCUMULATE_C = 8, MAMBA_ACCUMULATE_Z = 16
};

typedef struct mamba_scan_gradients {
    MAMBA_STRUCT_HEADER;
    uint32_t accumulate;
    uint32_t reserved;             /* 0 */
    const float* border_states;
    const void* grad_y;  int64_t grad_y_stride;
    const float* grad_final_state; /* optional: zero */
    void* grad_x;  int64_t grad_x_stride;
    void* grad_dt; int64_t grad_dt_stride;   /* before bias and softplus */
    void* grad_b;  int64_t grad_b_stride;
    void* grad_c;  int64_t grad_c_stride;
    void* grad_z;  int64_t grad_z_stride;    /* needed with z */
    float* grad_a;                 /* += [channels, state_size] */
    float* grad_d;                 /* += [channels], needed with d */
    float* grad_dt_bias;           /* += [channels], needed with dt_bias */
    float* grad_initial_state;     /* = [sequences, channels, state_size], optional */
} mamba_scan_gradients;

MAMBA_API mamba_status mamba_scan_border_size(const mamba_scan_problem* problem, int64_t* bytes);
MAMBA_API mamba_status mamba_scan_forward_workspace(const mamba_scan_problem* problem, int64_t* bytes);
MAMBA_API mamba_status mamba_scan_backward_workspace(const mamba_scan_problem* problem, int64_t* bytes);
MAMBA_API mamba_status mamba_scan_forward(
    const mamba_scan_problem* problem, const mamba_scan_outputs* outputs, void* workspace, int64_t workspace_bytes, void* stream);
MAMBA_API mamba_status mamba_scan_backward(
    const mamba_scan_problem* problem, const mamba_scan_gradients* gradients, void* workspace, int64_t workspace_bytes, void* stream);

/* One token of each of `batch` sequences; the state is read and overwritten. */
typedef struct mamba_state_update {
    MAMBA_STRUCT_HEADER;
    int32_t dtype;
    uint32_t flags;                /* MAMBA_SCAN_SOFTPLUS, MAMBA_SCAN_ACCUMULATE_Y */
    int64_t batch, channels, state_size, groups;
    const void* x;  int64_t x_stride;
    const void* dt; int64_t dt_stride;
    const void* b;  int64_t b_stride;
    const void* c;  int64_t c_stride;
    const void* z;  int64_t z_stride;   /* optional */
    const float* a;
    const float* d;                /* optional */
    const float* dt_bias;          /* optional */
    float* state;                  /* [batch, channels, state_size] */
    void* y; int64_t y_stride;
} mamba_state_update;

MAMBA_API mamba_status mamba_scan_update(const mamba_state_update* arguments, void* stream);

/* ---- Causal depthwise convolution ------------------------------------------------------------------------------------------------
 * y_t = SiLU(bias + sum over j = 0 .. k-1 of weight[j] x_{t-k+1+j}), for every channel.
 */
enum { MAMBA_CONV_SILU = 1, MAMBA_CONV_REVERSE = 2, MAMBA_CONV_ACCUMULATE_X = 4 /* backward: grad_x is added to */ };

typedef struct mamba_conv_problem {
    MAMBA_STRUCT_HEADER;
    int32_t dtype;
    uint32_t flags;
    int64_t tokens, sequences, channels;
    int64_t kernel_size;           /* 1 to 64 */
    const int64_t* offsets;
    const void* x; int64_t x_stride;
    const float* weight;           /* [channels, kernel_size]; the last one meets the current token */
    const float* bias;             /* [channels], optional */
    const float* initial_inputs;   /* [sequences, kernel_size - 1, channels], oldest first, optional: zero */
} mamba_conv_problem;

typedef struct mamba_conv_outputs {
    MAMBA_STRUCT_HEADER;
    void* y; int64_t y_stride;
    float* final_inputs;           /* [sequences, kernel_size - 1, channels], oldest first, optional; may be initial_inputs */
} mamba_conv_outputs;

typedef struct mamba_conv_gradients {
    MAMBA_STRUCT_HEADER;
    const void* grad_y; int64_t grad_y_stride;
    void* grad_x; int64_t grad_x_stride;
    float* grad_weight;            /* += [channels, kernel_size] */
    float* grad_bias;              /* += [channels], needed with bias */
} mamba_conv_gradients;

MAMBA_API mamba_status mamba_conv_forward(const mamba_conv_problem* problem, const mamba_conv_outputs* outputs, void* stream);
MAMBA_API mamba_status mamba_conv_backward_workspace(const mamba_conv_problem* problem, int64_t* bytes);
MAMBA_API mamba_status mamba_conv_backward(
    const mamba_conv_problem* problem, const mamba_conv_gradients* gradients, void* workspace, int64_t workspace_bytes, void* stream);

/* One token of each of `batch` sequences; `inputs` [batch, kernel_size - 1, channels], oldest first, is read and shifted. */
typedef struct mamba_conv_step {
    MAMBA_STRUCT_HEADER;
    int32_t dtype;
    uint32_t flags;                /* MAMBA_CONV_SILU */
    int64_t batch, channels, kernel_size;
    const void* x; int64_t x_stride;
    const float* weight;
    const float* bias;             /* optional */
    float* inputs;
    void* y; int64_t y_stride;
} mamba_conv_step;

MAMBA_API mamba_status mamba_conv_update(const mamba_conv_step* arguments, void* stream);

/* ---- Root mean square norm -------------------------------------------------------------------------------------------------------
 * s = x + residual;  r = 1 / sqrt(mean of s^2 + epsilon);  y = s r weight, for every row.
 */
typedef struct mamba_norm_problem {
    MAMBA_STRUCT_HEADER;
    int32_t dtype;
    int32_t residual_dtype;        /* of residual, sum and their gradients */
    int64_t rows, channels;
    const void* x; int64_t x_stride;
    const void* residual; int64_t residual_stride;   /* optional: zero */
    const float* weight;           /* [channels], optional: one */
    float epsilon;
    uint32_t reserved;             /* 0 */
} mamba_norm_problem;

typedef struct mamba_norm_outputs {
    MAMBA_STRUCT_HEADER;
    void* y; int64_t y_stride;
    void* sum; int64_t sum_stride; /* s, optional; may be residual */
    float* inverse_rms;            /* r [rows], optional */
} mamba_norm_outputs;

/* `x` of the problem is s here when it was a sum: give sum as residual and a null x. grad_sum is the gradient that reaches s past the norm. */
typedef struct mamba_norm_gradients {
    MAMBA_STRUCT_HEADER;
    const float* inverse_rms;
    const void* grad_y; int64_t grad_y_stride;
    const void* grad_sum; int64_t grad_sum_stride;            /* optional: zero */
    void* grad_x; int64_t grad_x_stride;                      /* =, element type dtype, optional */
    void* grad_residual; int64_t grad_residual_stride;        /* =, element type residual_dtype, optional; may be grad_sum */
    float* grad_weight;            /* += [channels], needed with weight */
} mamba_norm_gradients;

MAMBA_API mamba_status mamba_norm_forward(const mamba_norm_problem* problem, const mamba_norm_outputs* outputs, void* stream);
MAMBA_API mamba_status mamba_norm_backward_workspace(const mamba_norm_problem* problem, int64_t* bytes);
MAMBA_API mamba_status mamba_norm_backward(
    const mamba_norm_problem* problem, const mamba_norm_gradients* gradients, void* workspace, int64_t workspace_bytes, void* stream);

/* ---- Pooling: one vector for each sequence, none of them empty -------------------------------------------------------------------- */
enum { MAMBA_POOL_LAST = 0, MAMBA_POOL_MEAN = 1, MAMBA_POOL_MAX = 2, MAMBA_POOL_FIRST = 3 };

typedef struct mamba_pool_problem {
    MAMBA_STRUCT_HEADER;
    int32_t dtype;
    int32_t kind;
    int64_t tokens, sequences, channels;
    const int64_t* offsets;
} mamba_pool_problem;

MAMBA_API mamba_status mamba_pool_forward_workspace(const mamba_pool_problem* problem, int64_t* bytes);
/* pooled = [sequences, channels]; arg_max = [sequences, channels] tokens, needed for the maximum (NaN is the largest), else null. */
MAMBA_API mamba_status mamba_pool_forward(
    const mamba_pool_problem* problem, const void* hidden, int64_t hidden_stride, float* pooled, int64_t* arg_max,
    void* workspace, int64_t workspace_bytes, void* stream);
/* grad_hidden = [tokens, channels]. */
MAMBA_API mamba_status mamba_pool_backward(
    const mamba_pool_problem* problem, const float* grad_pooled, const int64_t* arg_max, void* grad_hidden, int64_t grad_hidden_stride, void* stream);

/* ---- AdamW over flat parameters --------------------------------------------------------------------------------------------------
 * g = gradient_scale gradient;  m = beta1 m + (1 - beta1) g;  v = beta2 v + (1 - beta2) g^2;
 * p = keep p - rate m / (correction sqrt(v) + epsilon), for every element; keep is 1 beyond the first `decaying` ones.
 */
typedef struct mamba_adamw_step {
    MAMBA_STRUCT_HEADER;
    int64_t length;
    int64_t decaying;              /* 0 to length: the parameters that decay come first */
    float gradient_scale, beta1, beta2, epsilon;
    float rate;                    /* the learning rate over 1 - beta1^step */
    float correction;              /* 1 / sqrt(1 - beta2^step) */
    float keep;                    /* 1 - learning rate x weight decay */
    int32_t reduced_dtype;
    float* parameters;             /* [length], updated */
    const float* gradients;        /* [length] */
    float* first;                  /* [length], updated: m */
    float* second;                 /* [length], updated: v */
    void* reduced;                 /* = [decaying], optional: the updated parameters that decay in reduced_dtype */
} mamba_adamw_step;

MAMBA_API mamba_status mamba_adamw(const mamba_adamw_step* arguments, void* stream);

/* sum = the sum of the values' squares, accumulated in double: a double on the device. */
MAMBA_API mamba_status mamba_square_sum_workspace(int64_t length, int64_t* bytes);
MAMBA_API mamba_status mamba_square_sum(const float* values, int64_t length, double* sum, void* workspace, int64_t workspace_bytes, void* stream);

#ifdef __cplusplus
}
#endif

#endif
