using System.Globalization;
using RunLedger.Domain.Json;
using RunLedger.Domain.Observations;
using RunLedger.Host.Api.Problems;

namespace RunLedger.Host.Api.Http;

/// <summary>Reads a request's query; what cannot be read ends the request with a problem that names the parameter.</summary>
internal readonly struct ApiQuery(HttpContext context)
{
    private const string MetadataPrefix = "metadata.";

    private readonly IQueryCollection _query = context.Request.Query;

    /// <summary>The text of a parameter; null if it is not given.</summary>
    public string? Text(string name)
    {
        var values = _query[name];
        if (values.Count > 1) throw ApiException.OfParameter(name, "is given more than once");
        return values.Count == 0 ? null : Holdable(name, values[0]!);
    }

    /// <summary>The text of a parameter that has to be given.</summary>
    public string Required(string name) => Text(name) ?? throw ApiException.OfParameter(name, "is missing");

    /// <summary>The text of a parameter that goes by two names.</summary>
    public string? Text(string name, string alias) => (Text(name), Text(alias)) switch
    {
        (not null, not null) => throw ApiException.OfParameter(alias, $"is another name of {name}, which is given too"),
        (var first, var second) => first ?? second,
    };

    /// <summary>One of some words; null if the parameter is not given.</summary>
    public string? Word(string name, params ReadOnlySpan<string> words) => Text(name) is not { } given ? null
        : words.Contains(given) ? given
        : throw ApiException.OfParameter(name, $"is '{Shown(given)}', none of {string.Join(", ", words!)}");

    /// <summary>The size of a page.</summary>
    public int Limit(int standard, int largest)
    {
        if (Text("limit") is not { } given) return standard;
        return int.TryParse(given, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit >= 1 && limit <= largest
            ? limit
            : throw ApiException.OfParameter("limit", $"is '{Shown(given)}', not a whole number from 1 to {largest}");
    }

    /// <summary>A whole number from 1; null if the parameter is not given.</summary>
    public long? Number(string name) => Text(name) is not { } given ? null
        : long.TryParse(given, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1 ? number
        : throw ApiException.OfParameter(name, $"is '{Shown(given)}', not a whole number from 1");

    /// <summary>A time; null if the parameter is not given.</summary>
    public DateTimeOffset? Time(string name) => Text(name) is not { } given ? null
        : ApiTime.TryParse(given, out var time) ? time
        : throw ApiException.OfParameter(name, $"is '{Shown(given)}', not {ApiTime.Forms}");

    /// <summary>A whole number of seconds since the epoch; null if the parameter is not given.</summary>
    public long? Seconds(string name) => Text(name) is not { } given ? null
        : long.TryParse(given, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds <= Times.MaxUnixSeconds ? seconds
        : throw ApiException.OfParameter(name, $"is '{Shown(given)}', not a whole number of seconds since the epoch, up to {Times.MaxUnixSeconds}");

    /// <summary>
    /// The texts of a list as clients write it: <c>NAME=a&amp;NAME=b</c>, <c>NAME[]=a&amp;NAME[]=b</c>, or <c>NAME=a,b</c>. Empty if the parameter is not given.
    /// </summary>
    public IReadOnlyList<string> List(string name) =>
    [
        .. _query[name].Concat(_query[$"{name}[]"])
            .SelectMany(list => Holdable(name, list!).Split(',', StringSplitOptions.TrimEntries))
            .Select(text => text.Length > 0 ? text : throw ApiException.OfParameter(name, "has an empty text"))
            .Distinct(),
    ];

    /// <summary>Yes or no; no if the parameter is not given.</summary>
    public bool Flag(string name) => Word(name, "true", "false") == "true";

    /// <summary>The metadata asked for: <c>metadata.KEY=VALUE</c>, or <c>metadata=KEY=VALUE</c>, any number of times.</summary>
    public IReadOnlyDictionary<string, string> Metadata()
    {
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var name in _query.Keys.Where(name => name.StartsWith(MetadataPrefix, StringComparison.Ordinal)))
        {
            if (name == MetadataPrefix) throw ApiException.OfParameter(name, "names no key");
            metadata[Holdable(name, name[MetadataPrefix.Length..])] = Text(name)!;
        }
        foreach (var pair in _query["metadata"])
        {
            var equals = Holdable("metadata", pair!).IndexOf('=', StringComparison.Ordinal);
            if (equals < 1) throw ApiException.OfParameter("metadata", $"is '{Shown(pair!)}', not KEY=VALUE");
            if (!metadata.TryAdd(pair![..equals], pair[(equals + 1)..]))
                throw ApiException.OfParameter("metadata", $"names '{Shown(pair[..equals])}' more than once");
        }
        return metadata;
    }

    /// <summary>Refuses parameters that the endpoint does not know: a misspelt filter must not answer with everything.</summary>
    public void RefuseOthers(params ReadOnlySpan<string> known)
    {
        foreach (var name in _query.Keys)
            if (!known.Contains(name) && !(name.StartsWith(MetadataPrefix, StringComparison.Ordinal) && known.Contains("metadata")))
                throw ApiException.OfParameter(Shown(name), $"is not a parameter here; {(known.IsEmpty ? "there are none" : $"these are: {string.Join(", ", known!)}")}");
    }

    /// <summary>Whether PostgreSQL can hold a text: no U+0000, no lone surrogate. What it cannot hold is not in the ledger either.</summary>
    public static bool IsHoldable(string text) => !text.Contains('\0') && !Surrogates.HasLone(text);

    private static string Holdable(string name, string text) =>
        IsHoldable(text) ? text : throw ApiException.OfParameter(name, "contains U+0000 or a lone surrogate");

    private static string Shown(string text) => text.Length <= 60 ? text : string.Concat(text.AsSpan(0, 60), "…");
}
