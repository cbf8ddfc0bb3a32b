namespace Microsoft.ML.Mamba.Training;

/// <summary>
/// Weights to go back to when training diverges. The weights with which a step fails are themselves the broken ones, although the step that made them was finite;
/// so a copy counts only after one more step from it has succeeded.
/// </summary>
internal sealed class LastGoodWeights
{
    /// <summary>A copy of weights.</summary>
    /// <param name="Weights">The weights.</param>
    /// <param name="Step">Steps made before; 0 for the initial weights.</param>
    /// <param name="Description">Which weights they are, for the user.</param>
    public sealed record Copy(MambaWeights Weights, int Step, string Description);

    /// <summary>The copy that the next step will judge, or null.</summary>
    public Copy? Candidate { get; private set; }

    /// <summary>The last copy that is known to be good, or null.</summary>
    public Copy? Known { get; private set; }

    /// <summary>Remembers weights until the next step shows what they are worth.</summary>
    public void Keep(MambaWeights weights, int step, string description) => Candidate = new Copy(weights, step, description);

    /// <summary>Goes on from what an interrupted training had.</summary>
    public void Resume(Copy? known, Copy? candidate) => (Known, Candidate) = (known, candidate);

    /// <summary>Tells that a step from the current weights was finite.</summary>
    public void StepSucceeded()
    {
        Known = Candidate ?? Known;
        Candidate = null;
    }
}
