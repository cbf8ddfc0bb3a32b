using Microsoft.ML.Mamba.Training;

namespace Microsoft.ML.Mamba.Reporting.Charts;

/// <summary>
/// A confusion matrix as inline SVG: a row a class, a column a prediction, the stronger the colour the larger the share of the class's
/// rows.
/// </summary>
internal sealed class HeatMap
{
    private const int MostNamed = 64;
    private const int MostNumbered = 50;

    // The mean width of a letter, in font sizes.
    private const double LetterWidth = 0.6;
    private const double Slant = 0.71;

    private readonly ClassConfusion _matrix;
    private readonly IReadOnlyList<string> _labels;
    private readonly int _letters;
    private readonly double _cell;
    private readonly double _nameSize;
    private readonly double _nameWidth;
    private readonly bool _slanted;
    private readonly double _left;
    private readonly double _top;

    public HeatMap(ClassConfusion matrix, IReadOnlyList<string> labels)
    {
        _matrix = matrix;
        _labels = labels;
        bool named = matrix.Classes <= MostNamed;
        _letters = matrix.Classes <= 30 ? 22 : 16;
        int letters = named ? Math.Min(_letters, labels.Max(label => label.Length)) : 0;
        double cell = CellSize(matrix.Classes);
        _nameSize = Math.Clamp(cell * 0.55, 9.5, 13);
        _nameWidth = letters * _nameSize * LetterWidth;
        // Few classes have room enough to let their names stand upright.
        _cell = matrix.Classes <= 6 ? Math.Clamp(_nameWidth + 14, cell, 110) : cell;
        _slanted = _nameWidth > _cell - 6;
        _left = 24 + (named ? _nameWidth + 10 : 0);
        _top = 24 + (!named ? 0 : _slanted ? _nameWidth * Slant + _nameSize : _nameSize + 10);
    }

    public void Write(Markup page)
    {
        double side = _matrix.Classes * _cell, overhang = _slanted ? _nameWidth * Slant : 4;
        string width = Figures.Place(_left + side + overhang), height = Figures.Place(_top + side + 4);
        page.Open("div", ("class", "wide"));
        page.Open("svg", ("class", "heat"), ("viewBox", $"0 0 {width} {height}"), ("width", width), ("height", height), ("role", "img"),
            ("aria-label", "Confusion matrix"));
        page.Tag("rect", ("class", "field"), ("x", Figures.Place(_left)), ("y", Figures.Place(_top)), ("width", Figures.Place(side)),
            ("height", Figures.Place(side)));
        string middle = Figures.Place(_top + side / 2);
        page.Leaf("text", "predicted", ("class", "name middle"), ("x", Figures.Place(_left + side / 2)), ("y", "13"));
        page.Leaf("text", "label", ("class", "name middle"), ("x", "13"), ("y", middle), ("transform", $"rotate(-90 13 {middle})"));
        for (int label = 0; label < _matrix.Classes; label++)
        {
            if (_matrix.Classes <= MostNamed)
                WriteNames(page, label);
            WriteRow(page, label);
        }

        page.Close();
        page.Close();
    }

    private static double CellSize(int classes) => classes switch
    {
        <= 4 => 64,
        <= 10 => 46,
        <= 20 => 34,
        <= 30 => 26,
        <= MostNumbered => 16,
        <= 100 => 9,
        _ => 900.0 / classes,
    };

    private void WriteNames(Markup page, int label)
    {
        string size = Figures.Place(_nameSize), y = Figures.Place(_top + (label + 0.5) * _cell + _nameSize * 0.35);
        page.Open("text", ("class", "end"), ("x", Figures.Place(_left - 8)), ("y", y), ("font-size", size));
        WriteName(page, label);
        string place = $"translate({Figures.Place(_left + (label + 0.5) * _cell + (_slanted ? 3 : 0))} {Figures.Place(_top - 8)})";
        (string style, string turn) = _slanted ? ("start", " rotate(-45)") : ("middle", "");
        page.Open("text", ("class", style), ("font-size", size), ("transform", place + turn));
        WriteName(page, label);
    }

    private void WriteName(Markup page, int label)
    {
        string shown = Figures.Fit(_labels[label], _letters);
        page.Text(shown);
        if (shown != _labels[label])
            page.Leaf("title", _labels[label]);
        page.Close();
    }

    private void WriteRow(Markup page, int label)
    {
        int classes = _matrix.Classes;
        long rows = _matrix.RowsOf(label);
        double gap = _cell >= 16 ? 1 : 0, y = _top + label * _cell;
        for (int predicted = 0; predicted < classes; predicted++)
        {
            int count = _matrix.Counts[label * classes + predicted];
            if (count == 0)
                continue;
            double share = (double)count / rows, x = _left + predicted * _cell;
            string tip = $"{_labels[label]}, predicted as {_labels[predicted]}: {Figures.Count(count)} of {Figures.Count(rows)} rows";
            // One row among thousands should be seen, too.
            page.Shape("rect", $"{tip} ({Figures.Percent(share)})",
                ("class", predicted == label ? "right" : "wrong"), ("fill-opacity", Figures.Place(0.14 + 0.86 * share)),
                ("x", Figures.Place(x + gap / 2)), ("y", Figures.Place(y + gap / 2)), ("width", Figures.Place(_cell - gap)),
                ("height", Figures.Place(_cell - gap)));
            if (classes <= MostNumbered)
                WriteCount(page, Figures.Count(count), x + _cell / 2, y + _cell / 2, share > 0.45);
        }
    }

    private void WriteCount(Markup page, string text, double x, double y, bool onColour)
    {
        double size = Math.Min(Math.Clamp(_cell * 0.5, 8.5, 14), (_cell - 2) / (text.Length * LetterWidth));
        page.Leaf("text", text, ("class", onColour ? "count on" : "count"), ("x", Figures.Place(x)), ("y", Figures.Place(y + size * 0.36)),
            ("font-size", Figures.Place(size)));
    }
}
