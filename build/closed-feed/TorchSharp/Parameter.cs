namespace TorchSharp.Modules;

/// <summary>A tensor that modules register.</summary>
public class Parameter : torch.Tensor
{
    /// <param name="data">A tensor, which becomes empty; its place in a dispose scope is the parameter's from now on.</param>
    /// <param name="requires_grad">Whether gradients are gathered.</param>
    public Parameter(torch.Tensor data, bool requires_grad = true)
        : base(data.requires_grad_(requires_grad).MoveHandle(), register: false) => data.Scope?.Replace(data, this);
}
