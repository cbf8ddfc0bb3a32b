using System.Numerics;
using Microsoft.ML.Runtime;

namespace Microsoft.ML;

internal static class RandomUtils
{
    public static float NextSingle(this Random random) => random is TauswortheHybrid own ? own.NextSingle() : random.NextSingle();

    public static int NextSigned(this Random random)
    {
        return random is TauswortheHybrid own ? own.NextSigned() : random.Next(int.MinValue, int.MaxValue);
    }

    public static TauswortheHybrid Create() => new(new Random());

    public static TauswortheHybrid Create(int? seed) => seed == null ? Create() : Create((uint)seed.Value);

    public static TauswortheHybrid Create(int seed) => Create((uint)seed);

    public static TauswortheHybrid Create(uint? seed) => seed == null ? Create() : Create(seed.Value);

    public static TauswortheHybrid Create(uint seed) => new(new TauswortheHybrid.State(seed));

    public static TauswortheHybrid Create(Random seed) => new(seed);
}

/// <summary>
/// Three combined Tausworthe generators and a linear congruential one: the sequence of the real package for the same seed,
/// so that shuffles and splits agree.
/// </summary>
internal sealed class TauswortheHybrid : Random
{
    private uint _z1;
    private uint _z2;
    private uint _z3;
    private uint _z4;

    public TauswortheHybrid(State state)
    {
        _z1 = state.U1;
        _z2 = state.U2;
        _z3 = state.U3;
        _z4 = state.U4;
    }

    public TauswortheHybrid(Random rng)
    {
        _z1 = TauswortheSeed(rng);
        _z2 = TauswortheSeed(rng);
        _z3 = TauswortheSeed(rng);
        _z4 = Draw(rng);
    }

    public new float NextSingle() => (NextBits() >> 9) * (1f / (1 << 23));

    public override double NextDouble() => NextBits() * (1.0 / (1L << 32));

    public override int Next()
    {
        uint bits = NextBits();
        return (int)(bits + (bits & 0x80000000U));
    }

    public override int Next(int maxValue)
    {
        Contracts.CheckParam(maxValue >= 0, nameof(maxValue), "maxValue must be non-negative");
        return (int)(((ulong)NextBits() * (ulong)maxValue) >> 32);
    }

    public override int Next(int minValue, int maxValue)
    {
        Contracts.CheckParam(minValue <= maxValue, nameof(minValue), "minValue must be less than or equal to maxValue.");
        return (int)((long)(NextDouble() * ((long)maxValue - minValue)) + minValue);
    }

    public override void NextBytes(byte[] buffer)
    {
        Contracts.CheckValue(buffer, nameof(buffer));
        for (int i = 0; i < buffer.Length; i++)
            buffer[i] = (byte)Next();
    }

    public int NextSigned() => (int)NextBits();

    public State GetState() => new(_z1, _z2, _z3, _z4);

    private static uint Draw(Random rng) => ((uint)rng.Next(0x10000) << 16) | (uint)rng.Next(0x10000);

    // A Tausworthe generator started below 128 gets stuck.
    private static uint TauswortheSeed(Random rng)
    {
        uint seed;
        do
            seed = Draw(rng);
        while (seed < 128);
        return seed;
    }

    private static uint Step(uint z, int s1, int s2, int s3, uint mask) => ((z & mask) << s3) ^ (((z << s1) ^ z) >> s2);

    private uint NextBits()
    {
        _z1 = Step(_z1, 13, 19, 12, 0xFFFFFFFE);
        _z2 = Step(_z2, 2, 25, 4, 0xFFFFFFF8);
        _z3 = Step(_z3, 3, 11, 17, 0xFFFFFFF0);
        _z4 = 1664525 * _z4 + 1013904223;
        return _z1 ^ _z2 ^ _z3 ^ _z4;
    }

    public readonly struct State
    {
        public readonly uint U1;
        public readonly uint U2;
        public readonly uint U3;
        public readonly uint U4;

        public State(uint seed)
        {
            U1 = seed;
            U2 = MurmurRound(U1, seed);
            U3 = MurmurRound(U2, seed);
            U4 = MurmurRound(U3, seed);
        }

        public State(uint u1, uint u2, uint u3, uint u4)
        {
            U1 = u1;
            U2 = u2;
            U3 = u3;
            U4 = u4;
        }

        public void Save(BinaryWriter writer)
        {
            writer.Write(U1);
            writer.Write(U2);
            writer.Write(U3);
            writer.Write(U4);
        }

        public static State Load(BinaryReader reader)
        {
            return new State(reader.ReadUInt32(), reader.ReadUInt32(), reader.ReadUInt32(), reader.ReadUInt32());
        }

        private static uint MurmurRound(uint hash, uint chunk)
        {
            uint mixed = BitOperations.RotateLeft(chunk * 0xCC9E2D51, 15) * 0x1B873593;
            return BitOperations.RotateLeft(hash ^ mixed, 13) * 5 + 0xE6546B64;
        }
    }
}
