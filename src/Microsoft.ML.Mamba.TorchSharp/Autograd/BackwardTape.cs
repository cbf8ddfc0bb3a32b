using System.Runtime.ExceptionServices;

namespace Microsoft.ML.Mamba.TorchSharp.Autograd;

/// <summary>
/// What the autograd functions of one pass share: the tensors that they keep between forward and backward, and what went wrong. For one pass at a time; a CUDA
/// device's backward pass runs on a thread of torch's.
/// </summary>
/// <remarks>
/// Torch's own saved variables live until the whole graph is gone, and an exception must not cross its frames. So functions keep tensors here, free them as soon as
/// they have been used, and report failures here, which end the backward pass without doing more.
/// </remarks>
internal sealed class BackwardTape(CancellationToken cancellationToken) : IDisposable
{
    private readonly List<Tensor> _kept = [];
    private readonly List<Tensor> _handedOver = [];
    private Exception? _failure;

    /// <summary>
    /// A second handle on a tensor's memory that outlives the dispose scope and has no history: an output that held itself alive would
    /// never be freed.
    /// </summary>
    public Tensor Keep(Tensor tensor)
    {
        Tensor alias = tensor.detach().DetachFromDisposeScope();
        _kept.Add(alias);
        return alias;
    }

    /// <summary>Runs the backward pass of one function.</summary>
    /// <param name="inputs">Number of the function's arguments.</param>
    /// <param name="gradOutputs">Incoming; disposed. Undefined ones are those that nothing flowed to.</param>
    /// <param name="body">Gives the gradients of the arguments, null for those that have none.</param>
    public List<Tensor?> Run(int inputs, List<Tensor> gradOutputs, Func<Tensor?[], Tensor?[]> body)
    {
        // Torch copied these handles when the function before this one returned; what they refer to may be freed by now.
        Free(_handedOver);
        var result = new List<Tensor?>(new Tensor?[inputs]);
        try
        {
            if (_failure is null)
            {
                cancellationToken.ThrowIfCancellationRequested();
                using var scope = NewDisposeScope();
                using var noGrad = no_grad();
                Tensor?[] gradients = body([.. gradOutputs.Select(gradient => gradient.IsInvalid ? null : gradient.contiguous())]);
                for (int i = 0; i < gradients.Length; i++)
                {
                    result[i] = gradients[i]?.DetachFromDisposeScope();
                    if (gradients[i] is { } gradient)
                        _handedOver.Add(gradient);
                }
            }
        }
        catch (Exception exception)
        {
            _failure = exception;
            result = [.. new Tensor?[inputs]];
        }

        foreach (Tensor gradient in gradOutputs)
            gradient.Dispose();
        return result;
    }

    /// <exception cref="OperationCanceledException">The pass was cancelled.</exception>
    public void ThrowIfCancelled() => cancellationToken.ThrowIfCancellationRequested();

    /// <summary>Throws what a function reported.</summary>
    public void ThrowIfFailed()
    {
        if (_failure is not null)
            ExceptionDispatchInfo.Throw(_failure);
    }

    public void Dispose()
    {
        Free(_handedOver);
        Free(_kept);
    }

    private static void Free(List<Tensor> tensors)
    {
        foreach (Tensor tensor in tensors)
            tensor.Dispose();
        tensors.Clear();
    }
}
