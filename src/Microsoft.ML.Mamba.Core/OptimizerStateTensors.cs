namespace Microsoft.ML.Mamba;

/// <summary>How every engine exports AdamW's moments: <c>exp_avg.p</c> and <c>exp_avg_sq.p</c> for each parameter p, and the scalar <c>step</c>.</summary>
internal static class OptimizerStateTensors
{
    public const string FirstPrefix = "exp_avg.";
    public const string SecondPrefix = "exp_avg_sq.";
    private const string StepName = "step";
    private const int LargestStep = 1 << 24;

    /// <summary>The scalar that says how many steps were made.</summary>
    public static MambaTensor Step(int count) => new(StepName, [], [count]);

    /// <summary>Checks that a state holds exactly what belongs to the parameters.</summary>
    /// <returns>The number of steps.</returns>
    /// <exception cref="ArgumentException">A tensor is missing, superfluous or of another shape, or the step is no step.</exception>
    public static int Check(IReadOnlyList<MambaParameter> parameters, MambaWeights state)
    {
        ArgumentNullException.ThrowIfNull(state);
        var names = new HashSet<string>(StringComparer.Ordinal) { StepName };
        foreach (MambaParameter parameter in parameters)
        {
            foreach (string prefix in new[] { FirstPrefix, SecondPrefix })
            {
                names.Add(prefix + parameter.Name);
                CheckShape(state, prefix + parameter.Name, [.. parameter.Shape]);
            }
        }

        CheckShape(state, StepName, []);
        if (state.FirstOrDefault(tensor => !names.Contains(tensor.Name)) is { } extra)
            throw new ArgumentException($"The optimizer state has no tensor '{extra.Name}'.", nameof(state));
        float step = state[StepName].Values[0];
        if (!(step >= 0 && step <= LargestStep) || step != MathF.Truncate(step))
            throw new ArgumentException($"'{StepName}' must be a whole number from 0 to {LargestStep}; got {step}.", nameof(state));
        return (int)step;
    }

    private static void CheckShape(MambaWeights state, string name, int[] shape)
    {
        if (!state.TryGet(name, out MambaTensor? tensor))
            throw new ArgumentException($"The optimizer state lacks '{name}' of shape [{string.Join(", ", shape)}].", nameof(state));
        if (!tensor.Shape.SequenceEqual(shape))
        {
            throw new ArgumentException(
                $"'{name}' must have shape [{string.Join(", ", shape)}]; got [{string.Join(", ", tensor.Shape.ToArray())}].", nameof(state));
        }
    }
}
