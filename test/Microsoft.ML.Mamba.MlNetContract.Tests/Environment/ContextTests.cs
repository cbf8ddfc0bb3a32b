namespace Microsoft.ML.Mamba.MlNetContract.Tests;

public class ContextTests
{
    private static IHostEnvironmentInternal Inside(IHostEnvironment environment) => (IHostEnvironmentInternal)environment;

    private static int[] Draws(IHost host) => Enumerable.Range(0, 8).Select(_ => host.Rand.Next()).ToArray();

    [Fact]
    public void Gpu_IsNotAskedForByDefault()
    {
        var ml = new MLContext(1);

        Assert.Null(ml.GpuDeviceId);
        Assert.False(ml.FallbackToCpu);
        Assert.Null(Inside(ml.Register("Component")).GpuDeviceId);
        Assert.False(Inside(ml.Register("Component")).FallbackToCpu);
    }

    [Fact]
    public void GpuChoice_ReachesHostsAndTheirHosts()
    {
        var ml = new MLContext(1) { GpuDeviceId = 3, FallbackToCpu = true };
        IHost host = ml.Register("Component");

        Assert.Equal(3, Inside(host).GpuDeviceId);
        Assert.True(Inside(host).FallbackToCpu);
        Assert.Equal(3, Inside(host.Register("Part")).GpuDeviceId);
        Assert.True(Inside(host.Register("Part")).FallbackToCpu);
    }

    [Fact]
    public void GpuChoice_ReachesTheContextAndItsTransformsCatalog()
    {
        var ml = new MLContext(1) { GpuDeviceId = 3, FallbackToCpu = true };

        Assert.Equal(3, Inside(ml).GpuDeviceId);
        Assert.Equal(3, Inside(CatalogUtils.GetEnvironment(ml.Transforms)).GpuDeviceId);
        Assert.True(Inside(CatalogUtils.GetEnvironment(ml.Transforms)).FallbackToCpu);
    }

    [Fact]
    public void GpuChoice_IsASnapshotOfTheTimeOfRegistration()
    {
        var ml = new MLContext(1);
        IHost before = ml.Register("Component");
        ml.GpuDeviceId = 1;

        Assert.Null(Inside(before).GpuDeviceId);
        Assert.Equal(1, Inside(ml.Register("Component")).GpuDeviceId);
    }

    [Fact]
    public void GpuChoice_ReachesTheTrainersCatalog()
    {
        var ml = new MLContext(1) { GpuDeviceId = 3, FallbackToCpu = true };

        Assert.Equal(3, Inside(CatalogUtils.GetEnvironment(ml.MulticlassClassification.Trainers)).GpuDeviceId);
    }

    [Fact]
    public void Seed_IsKnownInside()
    {
        Assert.Equal(5, Inside(new MLContext(5)).Seed);
        Assert.Null(Inside(new MLContext()).Seed);
        Assert.Equal(5, Inside(new MLContext(5).Register("Component")).Seed);
    }

    [Fact]
    public void Rand_IsTheSameForTheSameSeed()
    {
        Assert.Equal(Draws(new MLContext(5).Register("Component")), Draws(new MLContext(5).Register("Component")));
        Assert.Equal(Draws(new MLContext(5).Register("A")), Draws(new MLContext(5).Register("B")));
        Assert.NotEqual(Draws(new MLContext(5).Register("Component")), Draws(new MLContext(6).Register("Component")));
        Assert.NotEqual(Draws(new MLContext().Register("Component")), Draws(new MLContext().Register("Component")));
    }

    [Fact]
    public void Rand_DiffersFromHostToHost()
    {
        var ml = new MLContext(5);

        Assert.NotEqual(Draws(ml.Register("Component")), Draws(ml.Register("Component")));
    }

    [Fact]
    public void Register_MayBeSeeded()
    {
        var ml = new MLContext(5);

        Assert.Equal(Draws(ml.Register("Component", seed: 9)), Draws(ml.Register("Component", seed: 9)));
        Assert.Equal(Draws(ml.Register("Component", seed: 9)), Draws(new MLContext(6).Register("Component", seed: 9)));
    }

    [Fact]
    public void Rand_OfAHostsHost_FollowsFromTheSeed() =>
        Assert.Equal(Draws(new MLContext(5).Register("A").Register("B")), Draws(new MLContext(5).Register("A").Register("B")));
}
