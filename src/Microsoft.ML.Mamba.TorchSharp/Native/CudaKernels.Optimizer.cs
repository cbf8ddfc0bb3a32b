using Microsoft.ML.Mamba.Cpu.Kernels;
using Microsoft.ML.Mamba.TorchSharp.Kernels;

namespace Microsoft.ML.Mamba.TorchSharp.Native;

internal sealed unsafe partial class CudaKernels
{
    public override Tensor Norm(Tensor values)
    {
        using DeviceGuard guard = OnDevice();
        long length = values.numel(), bytes;
        MambaCuda.Check(MambaCuda.mamba_square_sum_workspace(length, &bytes));
        using Tensor workspace = Workspace(bytes), sum = empty(Array.Empty<long>(), dtype: ScalarType.Float64, device: _device);
        MambaCuda.Check(MambaCuda.mamba_square_sum(
            TensorMemory.Pointer(values), length, TensorMemory.Pointer(sum), TensorMemory.Pointer(workspace), bytes, Stream));
        return sum.sqrt();
    }

    public override void AdamW(in AdamWSettings settings, in AdamWTensors tensors)
    {
        using DeviceGuard guard = OnDevice();
        var step = new AdamWStep
        {
            Header = new StructHeader(sizeof(AdamWStep)),
            Length = tensors.Parameters.numel(),
            Decaying = tensors.Decaying,
            GradientScale = settings.GradientScale,
            Beta1 = settings.Beta1,
            Beta2 = settings.Beta2,
            Epsilon = settings.Epsilon,
            Rate = (float)(settings.LearningRate / (1 - Math.Pow(settings.Beta1, settings.Step))),
            Correction = (float)(1 / Math.Sqrt(1 - Math.Pow(settings.Beta2, settings.Step))),
            Keep = (float)(1 - (double)settings.LearningRate * settings.WeightDecay),
            ReducedDType = TypeOf(ElementType),
            Parameters = TensorMemory.Pointer(tensors.Parameters),
            Gradients = TensorMemory.Pointer(tensors.Gradients),
            First = TensorMemory.Pointer(tensors.First),
            Second = TensorMemory.Pointer(tensors.Second),
            Reduced = TensorMemory.Pointer(tensors.Reduced),
        };
        MambaCuda.Check(MambaCuda.mamba_adamw(&step, Stream));
    }
}
