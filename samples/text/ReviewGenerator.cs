namespace Samples;

/// <summary>
/// Writes short reviews of restaurants, films and gadgets. Words alone do not give the answer away: praise is negated ("not good"),
/// complaints are conceded ("although the plot is thin, ..."), and the main clause decides.
/// </summary>
internal sealed class ReviewGenerator(int seed)
{
    private static readonly (string[] Things, string[] Praise, string[] Complaint)[] s_topics =
    [
        (["the soup", "the bread", "the service", "the dessert", "the wine list", "the waiter", "the fish", "the view"],
         ["delicious", "fresh", "attentive", "superb", "warm", "generous", "charming", "perfectly seasoned"],
         ["bland", "stale", "slow", "cold", "rude", "greasy", "overpriced", "undercooked"]),
        (["the plot", "the acting", "the music", "the ending", "the dialogue", "the camera work", "the pacing", "the lead actress"],
         ["gripping", "moving", "witty", "brilliant", "elegant", "unforgettable", "daring", "tender"],
         ["dull", "predictable", "clumsy", "tedious", "silly", "shallow", "wooden", "endless"]),
        (["the battery", "the screen", "the keyboard", "the speaker", "the camera", "the manual", "the case", "the software"],
         ["reliable", "bright", "comfortable", "crisp", "quick", "sturdy", "clear", "intuitive"],
         ["faulty", "dim", "flimsy", "noisy", "sluggish", "confusing", "fragile", "buggy"]),
    ];

    private static readonly string[] s_degrees = ["", "", "really ", "very ", "quite ", "so ", "remarkably "];
    private static readonly string[] s_openers = ["", "", "honestly , ", "in my opinion , ", "after two weeks : ", "to be fair , ", "well , "];
    private static readonly string[] s_closers = [".", ".", "!", ", and that is that .", ", as my sister said .", ", even on a monday ."];

    private readonly Random _random = new(seed);

    /// <summary>Rows in turn praise and complaint.</summary>
    public IReadOnlyList<TextModel.ModelInput> Rows(int count) =>
        [.. Enumerable.Range(0, count).Select(i => new TextModel.ModelInput { Label = i % 2 == 0 ? "praise" : "complaint", Text = Review(i % 2 == 0) })];

    private string Review(bool praise)
    {
        var topic = Pick(s_topics);
        string first = Pick(topic.Things), second = Pick(topic.Things);
        string text = _random.Next(6) switch
        {
            0 => $"{Clause(topic, first, praise)}",
            1 => $"{Clause(topic, first, praise)} and {Clause(topic, second, praise)}",
            2 => $"although {Clause(topic, first, !praise)} , {Clause(topic, second, praise)}",
            3 => $"{Clause(topic, first, !praise)} , but {Clause(topic, second, praise)}",
            4 => $"they told me that {Clause(topic, first, !praise)} , yet it turned out that {Clause(topic, first, praise)}",
            _ => $"{Clause(topic, first, praise)} , even if {Clause(topic, second, !praise)}",
        };
        return Pick(s_openers) + text + " " + Pick(s_closers);
    }

    private string Clause((string[] Things, string[] Praise, string[] Complaint) topic, string thing, bool praise)
    {
        bool negated = _random.Next(4) == 0;
        string word = Pick(praise != negated ? topic.Praise : topic.Complaint);
        string not = negated ? Pick(["not ", "never ", "anything but "]) : "";
        return $"{thing} is {not}{(negated ? "" : Pick(s_degrees))}{word}";
    }

    private T Pick<T>(T[] choices) => choices[_random.Next(choices.Length)];
}
