using System.Runtime.InteropServices;

namespace ThirdParty;

/// <summary>Scores a number by its distance to each class's mean. Built on public interfaces, except for persistence.</summary>
public sealed class NearestMeanTransformer : ITransformer, IDisposable
{
    public const string LoaderSignature = "NearestMean";
    private const uint CurrentVersion = 0x00010001;
    private readonly IHost _host;

    public NearestMeanTransformer(IHostEnvironment environment, string valueColumn, string[] classes, float[] means)
    {
        _host = environment.Register(nameof(NearestMeanTransformer));
        (ValueColumn, Classes, Means) = (valueColumn, classes, means);
    }

    public string ValueColumn { get; }

    public string[] Classes { get; }

    public float[] Means { get; }

    public bool Disposed { get; private set; }

    /// <summary>Weights of any size that travel along.</summary>
    public byte[] Ballast { get; set; } = [];

    /// <summary>The positions of the rows that were scored one by one.</summary>
    public List<long> Positions { get; } = [];

    /// <summary>What the next file says about itself; tests set it to write files that cannot be read.</summary>
    public VersionInfo WrittenAs { get; set; } = Version(CurrentVersion);

    public bool IsRowToRowMapper => true;

    public static VersionInfo Version(uint version, string signature = LoaderSignature) => new("NEARMEAN", version, version, CurrentVersion,
        loaderSignature: signature, loaderAssemblyName: typeof(NearestMeanTransformer).Assembly.FullName);

    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => new NearestMeanSchema(this, inputSchema).Output;

    public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => new NearestMeanMapper(this, inputSchema);

    public IDataView Transform(IDataView input) => new NearestMeanView(this, input);

    public void Dispose() => Disposed = true;

    void ICanSaveModel.Save(ModelSaveContext ctx)
    {
        ctx.CheckAtModel();
        ctx.SetVersionInfo(WrittenAs);
        ctx.SaveNonEmptyString(ValueColumn);
        ctx.Writer.Write(Classes.Length);
        foreach (string name in Classes)
            ctx.SaveString(name);
        ctx.SaveBinaryStream("Means.bin", writer => writer.Write(MemoryMarshal.AsBytes(Means.AsSpan())));
        ctx.SaveBinaryStream("ballast.weights", writer => writer.BaseStream.Write(Ballast));
        ctx.SaveTextStream("Note.txt", writer => writer.Write("nearest mean"));
    }

    // ML.NET's catalog finds this by name; its return type must be the attribute's instance type.
    private static ITransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        ctx.CheckAtModel(Version(CurrentVersion));
        string valueColumn = ctx.LoadNonEmptyString();
        var classes = new string[ctx.Reader.ReadInt32()];
        for (int index = 0; index < classes.Length; index++)
            classes[index] = ctx.LoadString();
        var means = new float[classes.Length];
        bool found = ctx.TryLoadBinaryStream("Means.bin", reader => reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(means.AsSpan())));
        byte[] ballast = [];
        found &= ctx.TryLoadBinaryStream("ballast.weights", reader =>
        {
            ballast = new byte[reader.BaseStream.Length];
            reader.BaseStream.Seek(ballast.Length / 2, SeekOrigin.Begin);
            reader.BaseStream.ReadExactly(ballast.AsSpan(ballast.Length / 2));
            reader.BaseStream.Position = 0;
            reader.BaseStream.ReadExactly(ballast.AsSpan(0, ballast.Length / 2));
        });
        string note = "";
        if (!found || !ctx.TryLoadTextStream("Note.txt", reader => note = reader.ReadToEnd()) || note != "nearest mean"
            || ctx.TryLoadBinaryStream("Absent.bin", _ => { }))
            throw env.ExceptDecode();
        return new NearestMeanTransformer(env, valueColumn, classes, means) { Ballast = ballast };
    }

    public float[] Score(float value)
    {
        double[] weights = Means.Select(mean => Math.Exp(-(value - mean) * (value - mean))).ToArray();
        double sum = weights.Sum();
        return weights.Select(weight => (float)(weight / sum)).ToArray();
    }
}
