namespace Microsoft.ML.Data;

public sealed partial class TextLoader
{
    internal static class Defaults
    {
        internal const bool AllowQuoting = false;
        internal const bool AllowSparse = false;
        internal const char Separator = '\t';
        internal const char DecimalMarker = '.';
        internal const bool HasHeader = false;
        internal const bool TrimWhitespace = false;
        internal const bool ReadMultilines = false;
        internal const char EscapeChar = '"';
        internal const bool MissingRealsAsNaNs = false;
    }

    public class Options
    {
        /// <summary>Whether a field may stand in double quotes, which lets it hold separators.</summary>
        public bool AllowQuoting = Defaults.AllowQuoting;

        /// <summary>Whether lines may hold index:value fields behind a count.</summary>
        public bool AllowSparse = Defaults.AllowSparse;

        /// <summary>Fields in a line; where it is null, open ranges take the number from the data.</summary>
        public int? InputSize;

        public char[] Separators = [Defaults.Separator];

        /// <summary>'.' or ','.</summary>
        public char DecimalMarker = Defaults.DecimalMarker;

        public Column[] Columns;

        /// <summary>Whether white space at the end of a line is dropped.</summary>
        public bool TrimWhitespace = Defaults.TrimWhitespace;

        public bool HasHeader = Defaults.HasHeader;

        /// <summary>Allows parsing on other threads; the rows are the same either way.</summary>
        public bool UseThreads = true;

        /// <summary>Whether a quoted field may go on over line ends.</summary>
        public bool ReadMultilines = Defaults.ReadMultilines;

        /// <summary>A file whose first line names the fields, in place of a header in the data.</summary>
        public string HeaderFile;

        public long? MaxRows;

        /// <summary>Stands before a quote that belongs to a quoted field.</summary>
        public char EscapeChar = Defaults.EscapeChar;

        /// <summary>Whether an empty real is NaN and not 0.</summary>
        public bool MissingRealsAsNaNs = Defaults.MissingRealsAsNaNs;
    }
}
