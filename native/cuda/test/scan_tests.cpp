// Selective scan, forward and backward, against double precision.
#include "scan_reference.h"

namespace test {
namespace {

std::string describe(const ScanCase& k)
{
    std::string lengths;
    for (size_t i = 0; i < k.lengths.size() && i < 6; i++)
        lengths += (i ? "," : "") + std::to_string(k.lengths[i]);
    return std::string("scan ") + typeName(k.dtype) + " C=" + std::to_string(k.channels) + " N=" + std::to_string(k.state) + " G=" + std::to_string(k.groups)
        + " L=" + lengths + (k.softplus ? " softplus" : "") + (k.reverse ? " reverse" : "") + (k.bias ? " bias" : "") + (k.skip ? " D" : "")
        + (k.gate ? " z" : "") + (k.initial ? " initial" : "") + (k.accumulate ? " +=" : "") + " gap=" + std::to_string(k.gap)
        + " shift=" + std::to_string(k.shift) + " segment=" + std::to_string(k.segment) + (k.fast ? " fast" : "");
}

/// Starts an output at random values to be added to, or at poison to be overwritten; gives what was there.
Values begin(Matrix& m, bool accumulate)
{
    m.poison();
    Values before(static_cast<size_t>(m.rows * m.width), 0.0);
    if (!accumulate)
        return before;
    m.fill(-1, 1);
    return m.values();
}

Values sum(Values a, const Values& b)
{
    for (size_t i = 0; i < a.size(); i++)
        a[i] += b[i];
    return a;
}

void run(const ScanCase& k)
{
    counts().scope = describe(k);
    Offsets offsets(k.lengths);
    int64_t T = offsets.tokens(), S = offsets.sequences(), C = k.channels, N = k.state, width = k.groups * N;
    auto rows = [&](int64_t w) { return Matrix(T, w, k.gap, k.dtype, k.shift); };
    Matrix x = rows(C), dt = rows(C), b = rows(width), c = rows(width), z = rows(C), gradY = rows(C), y = rows(C);
    // Rows of 16 bits may be aligned where states are not.
    auto states = [&] { return Matrix(S, C * N, 0, MAMBA_FLOAT32, k.shift / 2); };
    Matrix a(C, N), d(1, C), bias(1, C), initial = states(), gradFinal = states(), final = states();
    x.fill(-1.5, 1.5), b.fill(-1, 1), c.fill(-1, 1), z.fill(-3, 3), gradY.fill(-1, 1);
    dt.fill(k.softplus ? -6 : 0.001, k.softplus ? 1.5 : 0.7);
    for (int64_t i = 0; i < C; i++)
        for (int64_t n = 0; n < N; n++)
            a.set(i, n, k.fast ? -uniform(0.2, 0.5) * static_cast<double>(n % 16 + 1)
                : uniform(0, 1) < 0.2 ? -uniform(0.001, 0.02) : -uniform(0.1, 1.0 + static_cast<double>(n % 16)));
    a.upload();
    d.fill(-1, 1), bias.fill(0, 0.3), initial.fill(-1, 1), gradFinal.fill(-1, 1);

    ScanValues v;
    v.x = x.values(), v.dt = dt.values(), v.b = b.values(), v.c = c.values(), v.z = z.values(), v.a = a.values(), v.d = d.values();
    v.bias = bias.values(), v.initial = initial.values(), v.gradY = gradY.values(), v.gradFinal = gradFinal.values();
    scanReference(k, offsets.values, v);

    auto problem = arguments<mamba_scan_problem>();
    problem.dtype = k.dtype;
    problem.flags = (k.softplus ? MAMBA_SCAN_SOFTPLUS : 0) | (k.reverse ? MAMBA_SCAN_REVERSE : 0) | (k.accumulate ? MAMBA_SCAN_ACCUMULATE_Y : 0);
    problem.tokens = T, problem.sequences = S, problem.channels = C, problem.state_size = N, problem.groups = k.groups;
    problem.segment_length = k.segment;
    problem.offsets = offsets.pointer();
    problem.x = x.pointer(), problem.x_stride = x.stride, problem.dt = dt.pointer(), problem.dt_stride = dt.stride;
    problem.b = b.pointer(), problem.b_stride = b.stride, problem.c = c.pointer(), problem.c_stride = c.stride;
    if (k.gate)
        problem.z = z.pointer(), problem.z_stride = z.stride;
    problem.a = a.pointer<float>();
    problem.d = k.skip ? d.pointer<float>() : nullptr;
    problem.dt_bias = k.bias ? bias.pointer<float>() : nullptr;
    problem.initial_state = k.initial ? initial.pointer<float>() : nullptr;

    int64_t borderBytes = 0, forwardBytes = 0, backwardBytes = 0;
    if (!ok(mamba_scan_border_size(&problem, &borderBytes), "border size") || !ok(mamba_scan_forward_workspace(&problem, &forwardBytes), "forward workspace")
        || !ok(mamba_scan_backward_workspace(&problem, &backwardBytes), "backward workspace"))
        return;
    Memory borders(borderBytes), forwardMemory(forwardBytes), backwardMemory(backwardBytes);
    auto outputs = arguments<mamba_scan_outputs>();
    outputs.y = y.pointer(), outputs.y_stride = y.stride, outputs.final_state = final.pointer<float>();
    outputs.border_states = borders.matrix.pointer<float>();
    Values yBefore = begin(y, k.accumulate);
    if (!ok(mamba_scan_forward(&problem, &outputs, forwardMemory.matrix.pointer(), forwardBytes, nullptr), "forward"))
        return;
    cuda(cudaDeviceSynchronize());
    compare("y", y, sum(v.y, yBefore), toleranceOf(k.dtype, 2e-5));
    // A softplus of 16-bit inputs rounds more than one of float32.
    double exact = k.dtype == MAMBA_FLOAT32 ? 1 : 5;
    compare("final state", final, v.final, 2e-5 * exact);
    if (k.initial) {
        // The states in place: overwriting them must not reach those that still start from them.
        outputs.final_state = initial.pointer<float>();
        begin(y, false);
        if (k.accumulate)
            y.write(yBefore);
        if (!ok(mamba_scan_forward(&problem, &outputs, forwardMemory.matrix.pointer(), forwardBytes, nullptr), "forward in place"))
            return;
        cuda(cudaDeviceSynchronize());
        compare("y, states in place", y, sum(v.y, yBefore), toleranceOf(k.dtype, 2e-5));
        compare("states in place", initial, v.final, 2e-5 * exact);
    }
    forwardMemory.matrix.download("forward workspace");
    borders.matrix.download("border states");

    Matrix gx = rows(C), gdt = rows(C), gb = rows(width), gc = rows(width), gz = rows(C), ga(C, N), gd(1, C), gbias(1, C), ginitial(S, C * N);
    auto g = arguments<mamba_scan_gradients>();
    g.accumulate = k.accumulate ? 31 : 0;
    g.border_states = borders.matrix.pointer<float>();
    g.grad_y = gradY.pointer(), g.grad_y_stride = gradY.stride;
    g.grad_final_state = k.initial ? gradFinal.pointer<float>() : nullptr;
    g.grad_x = gx.pointer(), g.grad_x_stride = gx.stride, g.grad_dt = gdt.pointer(), g.grad_dt_stride = gdt.stride;
    g.grad_b = gb.pointer(), g.grad_b_stride = gb.stride, g.grad_c = gc.pointer(), g.grad_c_stride = gc.stride;
    if (k.gate)
        g.grad_z = gz.pointer(), g.grad_z_stride = gz.stride;
    g.grad_a = ga.pointer<float>(), g.grad_d = gd.pointer<float>(), g.grad_dt_bias = gbias.pointer<float>();
    g.grad_initial_state = ginitial.pointer<float>();

    std::vector<unsigned char> firstRun;
    for (int turn = 0; turn < 2; turn++) {
        random().seed(77);
        Values bx = begin(gx, k.accumulate), bdt = begin(gdt, k.accumulate), bb = begin(gb, k.accumulate), bc = begin(gc, k.accumulate);
        Values bz = begin(gz, k.accumulate), ba = begin(ga, true), bd = begin(gd, true), bbias = begin(gbias, true);
        begin(ginitial, false);
        if (!ok(mamba_scan_backward(&problem, &g, backwardMemory.matrix.pointer(), backwardBytes, nullptr), "backward"))
            return;
        cuda(cudaDeviceSynchronize());
        double rounding = toleranceOf(k.dtype, 5e-5 * exact);
        compare("grad x", gx, sum(v.gx, bx), rounding);
        compare("grad dt", gdt, sum(v.gdt, bdt), rounding);
        compare("grad B", gb, sum(v.gb, bb), rounding);
        compare("grad C", gc, sum(v.gc, bc), rounding);
        if (k.gate)
            compare("grad z", gz, sum(v.gz, bz), rounding);
        compare("grad A", ga, sum(v.ga, ba), 5e-5 * exact);
        compare("grad D", gd, k.skip ? sum(v.gd, bd) : bd, 5e-5 * exact);
        compare("grad dt bias", gbias, k.bias ? sum(v.gbias, bbias) : bbias, 5e-5 * exact);
        compare("grad initial state", ginitial, v.ginitial, 5e-5 * exact);
        std::vector<unsigned char> all;
        for (const Matrix* m : {&gx, &gdt, &gb, &gc, &ga, &gd, &gbias, &ginitial})
            all.insert(all.end(), m->raw().begin(), m->raw().end());
        check(turn == 0 || all == firstRun, "%s", "the second backward pass differs from the first");
        firstRun = all;
    }
    backwardMemory.matrix.download("backward workspace");
    for (Matrix* input : {&x, &dt, &b, &c, &gradY})
        input->download("an input");
}

}

void scanTests(bool small)
{
    constexpr int F32 = MAMBA_FLOAT32, F16 = MAMBA_FLOAT16, BF16 = MAMBA_BFLOAT16;
    // type, channels, state, groups, lengths; softplus, reverse, bias, D, z, initial, +=; gap, shift, segment
    run({F32, 32, 16, 1, {64}, true, false, true, true, true, false, false, 0, 0, 0});
    run({F32, 33, 16, 1, {1, 0, 3, 63, 130}, true, true, true, true, true, true, true, 3, 1, 0});
    run({BF16, 64, 16, 2, {65, 200}, true, false, true, true, true, true, false, 4, 0, 64});
    run({F16, 40, 16, 2, {7, 300, 1}, true, true, true, true, true, true, false, 0, 0, 128});
    run({F32, 36, 16, 1, {500, 0, 20}, true, false, true, false, false, true, false, 0, 0, 64});
    run({F32, 20, 8, 1, {100, 31}, true, false, false, true, true, true, false, 4, 0, 64});
    run({F32, 24, 32, 2, {33, 70}, true, true, true, true, true, true, true, 0, 0, 32});
    run({F32, 18, 64, 1, {75}, true, false, true, true, true, true, false, 0, 0, 32});
    run({F32, 8, 100, 1, {37, 5}, true, false, true, true, true, true, true, 0, 0, 0});
    if (small)
        return;
    for (int dtype : {F32, F16, BF16}) {
        run({dtype, 96, 16, 1, {1000, 17, 64}, true, false, true, true, true, true, false, 0, 0, 0});
        run({dtype, 96, 16, 3, {1000, 17, 64, 1, 1, 1}, true, true, true, true, true, true, true, 8, 4, 256});
        run({dtype, 34, 5, 1, {130, 3}, true, false, true, true, true, true, false, 1, 0, 0});
        run({dtype, 64, 8, 2, {130, 300}, true, true, true, true, true, false, false, 0, 0, 64});
        run({dtype, 64, 32, 1, {130, 300}, true, false, true, true, true, true, false, 0, 0, 96});
        run({dtype, 32, 64, 2, {130, 300}, true, true, true, true, true, true, true, 0, 0, 64});
        run({dtype, 16, 47, 1, {90}, true, false, true, true, true, true, false, 0, 3, 32});
    }
    run({F32, 16, 256, 1, {70, 33}, true, false, true, true, true, true, false, 0, 0, 32});
    run({F32, 12, 200, 2, {70, 33}, true, true, true, true, true, true, true, 2, 1, 0});
    run({F32, 1, 1, 1, {1}, true, false, false, false, false, false, false, 0, 0, 0});
    run({F32, 3, 1, 3, {5, 0, 0, 2}, false, false, false, false, false, true, false, 0, 0, 0});
    run({F32, 48, 16, 1, {257}, false, false, true, true, true, true, false, 0, 0, 64});
    run({F32, 48, 16, 1, {257}, false, true, false, false, true, false, false, 0, 0, 0});
    run({F32, 64, 16, 1, {20000}, true, false, true, true, true, true, false, 0, 0, 0});
    run({BF16, 32, 16, 1, {9000, 100}, true, true, true, true, true, true, false, 0, 0, 0});
    // So many channels that a thread works on two of them, and that sequences stay whole.
    run({F32, 1024, 16, 1, std::vector<int64_t>(16, 37), true, false, true, true, true, true, false, 0, 0, 0});
    run({BF16, 1000, 12, 1, std::vector<int64_t>(17, 35), true, true, true, true, true, true, true, 0, 0, 0});
    // Carries of states that decay to nothing within a segment, a few at a time.
    run({F32, 40, 16, 1, {3000}, true, false, true, true, true, true, false, 0, 0, 1024, true});
    run({BF16, 32, 32, 2, {2500, 700}, true, true, true, true, true, true, false, 0, 4, 1024, true});
    run({F16, 24, 80, 1, {1200}, true, false, true, false, true, true, false, 0, 0, 512, true});
    std::vector<int64_t> many;
    for (int i = 0; i < 400; i++)
        many.push_back(i * 7 % 23);
    run({F32, 32, 16, 1, many, true, false, true, true, true, true, false, 0, 0, 0});
    run({F32, 4, 16, 1, many, true, true, true, true, true, true, false, 0, 0, 64});
}

}
