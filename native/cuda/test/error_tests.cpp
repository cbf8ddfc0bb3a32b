// Bad arguments give a status and a message that names them, and touch nothing.
#include "support.h"

namespace test {
namespace {

void fails(mamba_status status, mamba_status expected, const char* part)
{
    std::string message = mamba_last_error();
    check(status == expected && message.find(part) != std::string::npos, "%s",
        "expected status " + std::to_string(expected) + " with '" + part + "'; got " + std::to_string(status) + ": " + message);
}

template <class T, class F>
void headers(F call, const char* name)
{
    T a = arguments<T>();
    a.struct_size -= 8;
    fails(call(&a), MAMBA_WRONG_ABI, (std::string(name) + ".struct_size must be").c_str());
    a = arguments<T>();
    a.abi_version++;
    fails(call(&a), MAMBA_WRONG_ABI, "abi_version must be 1; got 2");
    fails(call(static_cast<T*>(nullptr)), MAMBA_INVALID_ARGUMENT, name);
}

}

void errorTests()
{
    counts().scope = "errors";
    check(mamba_abi_version() == MAMBA_ABI_VERSION, "%s", "the library's ABI version is not the header's");
    int64_t bytes = 0;
    headers<mamba_scan_problem>([&](const mamba_scan_problem* a) { return mamba_scan_border_size(a, &bytes); }, "mamba_scan_problem");
    headers<mamba_conv_problem>([&](const mamba_conv_problem* a) { return mamba_conv_backward_workspace(a, &bytes); }, "mamba_conv_problem");
    headers<mamba_norm_problem>([&](const mamba_norm_problem* a) { return mamba_norm_backward_workspace(a, &bytes); }, "mamba_norm_problem");
    headers<mamba_pool_problem>([&](const mamba_pool_problem* a) { return mamba_pool_forward_workspace(a, &bytes); }, "mamba_pool_problem");
    headers<mamba_state_update>([&](const mamba_state_update* a) { return mamba_scan_update(a, nullptr); }, "mamba_state_update");
    headers<mamba_conv_step>([&](const mamba_conv_step* a) { return mamba_conv_update(a, nullptr); }, "mamba_conv_step");

    Offsets offsets({100, 4000});
    Matrix memory(4100, 64);
    auto p = arguments<mamba_scan_problem>();
    p.tokens = 4100, p.sequences = 2, p.channels = 8, p.state_size = 16, p.groups = 2, p.segment_length = 64;
    mamba_scan_problem good = p;
    auto size = [&] { return mamba_scan_forward_workspace(&p, &bytes); };
    fails(mamba_scan_forward_workspace(&p, nullptr), MAMBA_INVALID_ARGUMENT, "bytes must not be null");
    p.dtype = 3, fails(size(), MAMBA_INVALID_ARGUMENT, "dtype must be"), p = good;
    p.flags = 8, fails(size(), MAMBA_INVALID_ARGUMENT, "flags must be"), p = good;
    p.tokens = -1, fails(size(), MAMBA_INVALID_ARGUMENT, "tokens must be 0 to"), p = good;
    p.sequences = 0, fails(size(), MAMBA_INVALID_ARGUMENT, "sequences must be at least 1 for 4100 tokens"), p = good;
    p.channels = 0, fails(size(), MAMBA_INVALID_ARGUMENT, "channels must be 1 to"), p = good;
    p.state_size = 257, fails(size(), MAMBA_INVALID_ARGUMENT, "state_size must be 1 to 256; got 257"), p = good;
    p.groups = 3, fails(size(), MAMBA_INVALID_ARGUMENT, "groups must divide the 8 channels; got 3"), p = good;
    p.max_length = 5000, fails(size(), MAMBA_INVALID_ARGUMENT, "max_length must be 0 to 4100"), p = good;
    p.x_stride = 7, fails(size(), MAMBA_INVALID_ARGUMENT, "x_stride must be 0 or at least the row's width 8; got 7"), p = good;
    p.b_stride = 31, fails(size(), MAMBA_INVALID_ARGUMENT, "b_stride"), p = good;

    auto out = arguments<mamba_scan_outputs>();
    auto forward = [&](int64_t given) { return mamba_scan_forward(&p, &out, memory.pointer(), given, nullptr); };
    fails(forward(1 << 20), MAMBA_INVALID_ARGUMENT, "offsets must not be null");
    p.offsets = offsets.pointer();
    fails(forward(1 << 20), MAMBA_INVALID_ARGUMENT, "a must not be null");
    p.a = memory.pointer<float>();
    fails(forward(1 << 20), MAMBA_INVALID_ARGUMENT, "x must not be null");
    p.x = p.dt = p.b = p.c = memory.pointer();
    fails(forward(1 << 20), MAMBA_INVALID_ARGUMENT, "y must not be null");
    out.y = memory.pointer();
    ok(mamba_scan_forward_workspace(&p, &bytes), "workspace");
    check(bytes > 0, "%s", "a split scan needs workspace");
    fails(forward(bytes - 1), MAMBA_WORKSPACE_TOO_SMALL, "workspace must have");
    fails(mamba_scan_forward(&p, &out, nullptr, bytes, nullptr), MAMBA_INVALID_ARGUMENT, "workspace must not be null");
    fails(mamba_scan_forward(&p, &out, memory.pointer<char>() + 4, bytes, nullptr), MAMBA_INVALID_ARGUMENT, "aligned to 256 bytes");
    out.struct_size = 4;
    fails(forward(bytes), MAMBA_WRONG_ABI, "mamba_scan_outputs.struct_size must be");

    auto g = arguments<mamba_scan_gradients>();
    auto backward = [&] { return mamba_scan_backward(&p, &g, memory.pointer(), 1 << 30, nullptr); };
    fails(backward(), MAMBA_INVALID_ARGUMENT, "border_states must not be null");
    g.accumulate = 32, fails(backward(), MAMBA_INVALID_ARGUMENT, "accumulate must be");
    g.accumulate = 0, g.border_states = memory.pointer<float>(), g.grad_y = memory.pointer();
    g.grad_x = g.grad_dt = g.grad_b = g.grad_c = memory.pointer(), g.grad_a = memory.pointer<float>();
    p.z = memory.pointer(), fails(backward(), MAMBA_INVALID_ARGUMENT, "grad_z must not be null"), p.z = nullptr;
    p.d = p.a, fails(backward(), MAMBA_INVALID_ARGUMENT, "grad_d must not be null"), p.d = nullptr;
    p.dt_bias = p.a, fails(backward(), MAMBA_INVALID_ARGUMENT, "grad_dt_bias must not be null");

    auto c = arguments<mamba_conv_problem>();
    c.tokens = 10, c.sequences = 1, c.channels = 4, c.kernel_size = 65;
    fails(mamba_conv_backward_workspace(&c, &bytes), MAMBA_INVALID_ARGUMENT, "kernel_size must be 1 to 64; got 65");
    auto n = arguments<mamba_norm_problem>();
    n.rows = 1, n.channels = 4;
    fails(mamba_norm_backward_workspace(&n, &bytes), MAMBA_INVALID_ARGUMENT, "epsilon must be positive");
    auto pool = arguments<mamba_pool_problem>();
    pool.tokens = 1, pool.sequences = 1, pool.channels = 1, pool.kind = 4;
    fails(mamba_pool_forward_workspace(&pool, &bytes), MAMBA_INVALID_ARGUMENT, "kind must be 0 to 3; got 4");
    memory.download("a buffer of failed calls");
}

}
