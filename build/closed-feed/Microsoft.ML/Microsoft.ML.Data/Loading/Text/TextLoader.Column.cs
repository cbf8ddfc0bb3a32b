namespace Microsoft.ML.Data;

public sealed partial class TextLoader
{
    /// <summary>A column and the fields of a line that it is made of.</summary>
    public sealed class Column
    {
        public string Name;

        public Range[] Source;

        /// <summary>Makes the column a key; the text counts from zero.</summary>
        public KeyCount KeyCount;

        public Column()
        {
        }

        public Column(string name, DataKind dataKind, int index)
            : this(name, dataKind, [new Range(index)])
        {
        }

        public Column(string name, DataKind dataKind, int minIndex, int maxIndex)
            : this(name, dataKind, [new Range(minIndex, maxIndex)])
        {
        }

        public Column(string name, DataKind dataKind, Range[] source, KeyCount keyCount = null)
        {
            Contracts.CheckValue(name, nameof(name));
            Contracts.CheckValue(source, nameof(source));
            Name = name;
            DataKind = dataKind;
            Source = source;
            KeyCount = keyCount;
        }

        public DataKind DataKind { get; set; } = DataKind.Single;

        internal PrimitiveDataViewType ItemType
        {
            get
            {
                Contracts.CheckParam(Enum.IsDefined(DataKind), "kind", $"'{DataKind}' is not a data kind");
                InternalDataKind kind = DataKind.ToInternalDataKind();
                return KeyCount == null ? ColumnTypeExtensions.PrimitiveTypeFromKind(kind) : KeyCount.MakeType(kind.ToType());
            }
        }
    }

    /// <summary>Consecutive fields, both ends included.</summary>
    public sealed class Range
    {
        public int Min;

        public int? Max;

        /// <summary>Goes to the end of the line, which is the same for all lines.</summary>
        public bool AutoEnd;

        /// <summary>Goes to the end of the line, wherever that is.</summary>
        public bool VariableEnd;

        /// <summary>Leaves out the fields that other columns name.</summary>
        public bool AllOther;

        /// <summary>Makes a vector even of a single field.</summary>
        public bool ForceVector;

        public Range()
        {
        }

        public Range(int index)
        {
            Contracts.CheckParam(index >= 0, nameof(index), "Must be non-negative");
            Min = index;
            Max = index;
        }

        /// <param name="min">The first field.</param>
        /// <param name="max">The last field, or null for the end of the line.</param>
        public Range(int min, int? max)
        {
            Contracts.CheckParam(min >= 0, nameof(min), "Must be non-negative");
            Contracts.CheckParam(!(max < min), nameof(max), "If specified, must be greater than or equal to min");
            Min = min;
            Max = max;
            ForceVector = true;
            AutoEnd = max == null;
        }
    }
}
