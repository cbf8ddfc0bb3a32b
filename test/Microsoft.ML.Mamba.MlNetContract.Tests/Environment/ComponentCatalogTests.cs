using ThirdParty;

namespace Microsoft.ML.Mamba.MlNetContract.Tests;

public class ComponentCatalogTests
{
    private readonly MLContext _ml = new(1);

    private ComponentCatalog.LoadableClassInfo? Find(string name) => _ml.ComponentCatalog.GetLoadableClassInfo<SignatureLoadModel>(name);

    [Fact]
    public void AFreshContext_DoesNotKnowTheThirdParty() => Assert.Null(Find(NearestMeanTransformer.LoaderSignature));

    [Fact]
    public void RegisterAssembly_MakesItsLoadersKnown()
    {
        _ml.ComponentCatalog.RegisterAssembly(typeof(NearestMeanTransformer).Assembly);

        Assert.Equal(typeof(NearestMeanTransformer), Find(NearestMeanTransformer.LoaderSignature)!.LoaderType);
        Assert.Equal(typeof(ITransformer), Find(NearestMeanTransformer.LoaderSignature)!.Type);
    }

    [Fact]
    public void LoaderNames_IgnoreCase()
    {
        _ml.ComponentCatalog.RegisterAssembly(typeof(NearestMeanTransformer).Assembly);

        Assert.NotNull(Find("nearestMEAN"));
    }

    [Fact]
    public void RegisteringAgain_IsNoMatter()
    {
        _ml.ComponentCatalog.RegisterAssembly(typeof(NearestMeanTransformer).Assembly);
        _ml.ComponentCatalog.RegisterAssembly(typeof(NearestMeanTransformer).Assembly);

        Assert.NotNull(Find(NearestMeanTransformer.LoaderSignature));
    }

    [Fact]
    public void AssembliesWithoutLoaders_MayBeRegistered() => _ml.ComponentCatalog.RegisterAssembly(typeof(object).Assembly);

    [Fact]
    public void LoadingAModel_RegistersTheAssemblyItNames()
    {
        IDataView data = Animals.Data(_ml);
        byte[] bytes = Saved.Bytes(Animals.Pipeline(_ml).Fit(data), data.Schema);
        var fresh = new MLContext(1);
        fresh.Model.Load(new MemoryStream(bytes), out _);

        Assert.NotNull(fresh.ComponentCatalog.GetLoadableClassInfo<SignatureLoadModel>(NearestMeanTransformer.LoaderSignature));
    }

    [Fact]
    public void ASimpleAssemblyName_IsEnough()
    {
        IDataView data = Animals.Data(_ml);
        NearestMeanTransformer model = Animals.Pipeline(_ml).Fit(data).LastTransformer;
        model.WrittenAs = new VersionInfo("NEARMEAN", 0x00010001, 0x00010001, 0x00010001,
            loaderSignature: NearestMeanTransformer.LoaderSignature, loaderAssemblyName: typeof(NearestMeanTransformer).Assembly.GetName().Name);

        Assert.IsType<NearestMeanTransformer>(Saved.RoundTrip(model, data.Schema));
    }

    [Fact]
    public void AnAssemblyThatIsNotThere_Throws()
    {
        IDataView data = Animals.Data(_ml);
        NearestMeanTransformer model = Animals.Pipeline(_ml).Fit(data).LastTransformer;
        model.WrittenAs = new VersionInfo("NEARMEAN", 0x00010001, 0x00010001, 0x00010001,
            loaderSignature: NearestMeanTransformer.LoaderSignature, loaderAssemblyName: "No.Such.Assembly");
        byte[] bytes = Saved.Bytes(model, data.Schema);

        Assert.Throws<FileNotFoundException>(() => Saved.Load(bytes, out _));
    }
}
