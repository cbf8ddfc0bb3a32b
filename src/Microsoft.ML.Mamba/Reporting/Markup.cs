using System.Text;
using System.Xml;

namespace Microsoft.ML.Mamba.Reporting;

/// <summary>Writes HTML that is well-formed XML, too. All text and all attributes are encoded.</summary>
internal sealed class Markup : IDisposable
{
    private readonly StringBuilder _text = new();
    private readonly XmlWriter _writer;

    public Markup()
    {
        var settings = new XmlWriterSettings { OmitXmlDeclaration = true, Indent = false, NewLineHandling = NewLineHandling.None };
        _writer = XmlWriter.Create(_text, settings);
        _writer.WriteDocType("html", null, null, null);
    }

    public void Open(string name, params ReadOnlySpan<(string Name, string Value)> attributes)
    {
        _writer.WriteStartElement(name);
        foreach ((string attribute, string value) in attributes)
            _writer.WriteAttributeString(attribute, Clean(value));
    }

    // HTML knows no empty tags but a few, so there is always an end tag.
    public void Close() => _writer.WriteFullEndElement();

    public void Text(string text) => _writer.WriteString(Clean(text));

    /// <summary>An element with text.</summary>
    public void Leaf(string name, string text, params ReadOnlySpan<(string Name, string Value)> attributes)
    {
        Open(name, attributes);
        Text(text);
        Close();
    }

    /// <summary>An element that is one tag: those of SVG, and <c>meta</c>.</summary>
    public void Tag(string name, params ReadOnlySpan<(string Name, string Value)> attributes)
    {
        Open(name, attributes);
        _writer.WriteEndElement();
    }

    /// <summary>A shape of SVG with a text that a browser shows when it is pointed at.</summary>
    public void Shape(string name, string tip, params ReadOnlySpan<(string Name, string Value)> attributes)
    {
        Open(name, attributes);
        Leaf("title", tip);
        Close();
    }

    public override string ToString()
    {
        _writer.Flush();
        return _text.ToString();
    }

    public void Dispose() => _writer.Dispose();

    // Class names may hold anything; what XML cannot hold is replaced.
    private static string Clean(string text)
    {
        int i = 0;
        while (i < text.Length && XmlConvert.IsXmlChar(text[i]))
            i++;
        if (i == text.Length)
            return text;
        var clean = new StringBuilder(text.Length);
        for (i = 0; i < text.Length; i++)
        {
            if (XmlConvert.IsXmlChar(text[i]))
                clean.Append(text[i]);
            else if (i + 1 < text.Length && XmlConvert.IsXmlSurrogatePair(text[i + 1], text[i]))
                clean.Append(text[i]).Append(text[++i]);
            else
                clean.Append('\uFFFD');
        }

        return clean.ToString();
    }
}
