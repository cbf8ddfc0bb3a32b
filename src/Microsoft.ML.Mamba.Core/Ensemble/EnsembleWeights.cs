using System.Globalization;

namespace Microsoft.ML.Mamba;

/// <summary>The tensors of several members as one set, each under its name behind <c>members.m.</c>; those of one member under their own names.</summary>
internal static class EnsembleWeights
{
    private const string Prefix = "members.";

    /// <summary>The tensors of all members; values are shared, not copied.</summary>
    public static MambaWeights Join(IReadOnlyList<MambaWeights> members)
    {
        if (members.Count == 1)
            return members[0];
        var all = new MambaWeights();
        for (int m = 0; m < members.Count; m++)
        {
            foreach (MambaTensor tensor in members[m])
                all.Add(new MambaTensor(string.Create(CultureInfo.InvariantCulture, $"{Prefix}{m}.{tensor.Name}"), tensor.Shape, tensor.Values));
        }

        return all;
    }

    /// <summary>Takes <see cref="Join"/>'s tensors apart; values are shared.</summary>
    /// <exception cref="ArgumentException">A tensor belongs to none of the members.</exception>
    public static IReadOnlyList<MambaWeights> Split(MambaWeights all, int members)
    {
        ArgumentNullException.ThrowIfNull(all);
        if (members == 1)
            return [all];
        MambaWeights[] split = [.. Enumerable.Range(0, members).Select(_ => new MambaWeights())];
        foreach (MambaTensor tensor in all)
        {
            ReadOnlySpan<char> name = tensor.Name.AsSpan();
            int dot = name.StartsWith(Prefix, StringComparison.Ordinal) ? name[Prefix.Length..].IndexOf('.') : -1;
            if (dot < 0 || !int.TryParse(name.Slice(Prefix.Length, dot), NumberStyles.None, CultureInfo.InvariantCulture, out int member) || member >= members)
                throw new ArgumentException($"The tensor '{tensor.Name}' belongs to none of the {members} members of the ensemble.", nameof(all));
            split[member].Add(new MambaTensor(tensor.Name[(Prefix.Length + dot + 1)..], tensor.Shape, tensor.Values));
        }

        return split;
    }
}
