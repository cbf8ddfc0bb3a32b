using Microsoft.ML.Mamba.Cpu.Layers;

namespace Microsoft.ML.Mamba.TorchSharp;

/// <summary>All weights of a model in one float32 tensor, the copy of the matrices in the engine's precision, and what is derived from them.</summary>
internal sealed class ParameterStore : IDisposable
{
    private readonly Dictionary<string, ParameterSlot> _slots = new(StringComparer.Ordinal);
    private readonly List<(ParameterSlot ALog, Tensor A)> _stateMatrices = [];

    public ParameterStore(MambaConfig config, MambaWeights weights, Device device, ScalarType elementType)
    {
        Layout = new ParameterLayout(config);
        Device = device;
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        Weights = new FlatTensor(Layout, device);
        if (elementType != ScalarType.Float32)
            Reduced = zeros(Layout.DecayingLength, dtype: elementType, device: device).DetachFromDisposeScope();
        for (int i = 0; i < Layout.Parameters.Count; i++)
            _slots.Add(Layout.Parameters[i].Name, CreateSlot(i));
        Import(weights);
    }

    public ParameterLayout Layout { get; }

    public Device Device { get; }

    /// <summary>The float32 weights.</summary>
    public FlatTensor Weights { get; }

    /// <summary>The matrices in the engine's precision, in the order of the weights, which begin with them; null for float32.</summary>
    public Tensor? Reduced { get; }

    /// <summary>A parameter of the model.</summary>
    /// <exception cref="KeyNotFoundException">The model has none of this name.</exception>
    public ParameterSlot this[string name] => _slots[name];

    /// <summary>A parameter, or null where the model has none of this name.</summary>
    public ParameterSlot? Find(string name) => _slots.GetValueOrDefault(name);

    /// <summary>A = -exp(ALog) of one direction of a block, [DInner, DState]; kept up to date.</summary>
    public Tensor StateMatrix(ParameterSlot aLog)
    {
        using var noGrad = no_grad();
        Tensor a = empty_like(aLog.Value).DetachFromDisposeScope();
        _stateMatrices.Add((aLog, a));
        Refresh(aLog, a);
        return a;
    }

    /// <summary>Replaces the weights, which have been checked.</summary>
    public void Import(MambaWeights weights)
    {
        Weights.CopyFrom(weights);
        WeightsChanged();
    }

    public MambaWeights Export()
    {
        var weights = new MambaWeights();
        Weights.AddTo(weights);
        return weights;
    }

    /// <summary>Renews what is derived from the weights.</summary>
    public void WeightsChanged()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        Reduced?.copy_(Weights.Values.narrow(0, 0, Layout.DecayingLength));
        StepTaken();
    }

    /// <summary>Renews what is derived from the weights but for <see cref="Reduced"/>, which an optimizer step writes itself.</summary>
    public void StepTaken()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        foreach ((ParameterSlot aLog, Tensor a) in _stateMatrices)
            Refresh(aLog, a);
    }

    /// <summary>Lets gradients be added to views of a flat tensor, or to nothing.</summary>
    public void SetGradients(FlatTensor? gradients)
    {
        for (int i = 0; i < Layout.Parameters.Count; i++)
        {
            ParameterSlot slot = _slots[Layout.Parameters[i].Name];
            slot.Gradient?.Dispose();
            slot.Gradient = gradients?.View(i).DetachFromDisposeScope();
        }
    }

    public void Dispose()
    {
        SetGradients(null);
        foreach (ParameterSlot slot in _slots.Values)
        {
            slot.Value.Dispose();
            slot.Compute.Dispose();
        }

        foreach ((_, Tensor a) in _stateMatrices)
            a.Dispose();
        Reduced?.Dispose();
        Weights.Dispose();
    }

    private static void Refresh(ParameterSlot aLog, Tensor a) => a.copy_(aLog.Value).exp_().neg_();

    private ParameterSlot CreateSlot(int index)
    {
        MambaParameter parameter = Layout.Parameters[index];
        var value = new Parameter(Weights.View(index), requires_grad: false);
        value.DetachFromDisposeScope();
        Tensor compute = Reduced is null || !parameter.Decays ? value.detach() : Reduced.narrow(0, Layout.OffsetOf(index), Layout.LengthOf(index));
        compute = compute.view(parameter.Shape[0], -1).DetachFromDisposeScope();
        return new ParameterSlot(value, compute);
    }
}
