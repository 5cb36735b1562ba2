using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using RunLedger.Domain.Json;
using RunLedger.Domain.Observations;

namespace RunLedger.Domain.Tests.Samples;

/// <summary>The JSON of a run or a response, field by field, each as raw JSON text. Immutable: every change gives another sample.</summary>
public sealed record SnapshotSample(ImmutableList<KeyValuePair<string, string>> Fields)
{
    /// <summary>When every sample was created, in seconds since the epoch: 2025-10-30T22:01:19Z.</summary>
    public const long Created = 1_761_861_679;

    /// <summary>The moment so many seconds after the creation.</summary>
    public static DateTimeOffset At(double seconds) => DateTimeOffset.FromUnixTimeSeconds(Created).AddMicroseconds(Math.Round(seconds * 1_000_000));

    /// <summary>The whole object.</summary>
    public string Json => $"{{{string.Join(",", Fields.Select(pair => $"{Quoted(pair.Key)}:{pair.Value}"))}}}";

    /// <summary>The object as a snapshot.</summary>
    public Snapshot Snapshot => Read() is { Value: { } snapshot } ? snapshot : throw new InvalidOperationException($"{Read().Defect} in {Json}");

    /// <summary>The raw JSON of a field.</summary>
    public string this[string name] => Fields.Last(pair => pair.Key == name).Value;

    public Checked<Snapshot> Read() => Snapshot.Read(Encoding.UTF8.GetBytes(Json));

    /// <summary>Sets a field to a raw JSON text, at its place or else as the last.</summary>
    public SnapshotSample With(string name, string json)
    {
        var index = Fields.FindIndex(pair => pair.Key == name);
        var changed = KeyValuePair.Create(name, json);
        return new SnapshotSample(index < 0 ? Fields.Add(changed) : Fields.SetItem(index, changed));
    }

    /// <summary>Sets a field to a number of seconds since the epoch, told as seconds after the creation.</summary>
    public SnapshotSample WithTime(string name, long secondsAfterCreation) =>
        With(name, (Created + secondsAfterCreation).ToString(CultureInfo.InvariantCulture));

    public SnapshotSample WithText(string name, string text) => With(name, Quoted(text));

    public SnapshotSample WithStatus(string status) => WithText("status", status);

    public SnapshotSample Without(string name) => new(Fields.RemoveAll(pair => pair.Key == name));

    /// <summary>An observation that its observer made so many seconds after the creation.</summary>
    public Observation SeenAt(double seconds) => new(Snapshot, At(seconds), TimeBasis.Stated, "poll");

    /// <summary>An observation of which nobody said when it was made: the ledger assumes the time of receipt, so many seconds after the creation.</summary>
    public Observation ReceivedAt(double seconds) => new(Snapshot, At(seconds), TimeBasis.Assumed, "push");

    /// <summary>Text as a JSON string; U+0000 and lone surrogates as escapes.</summary>
    public static string Quoted(string text)
    {
        if (!text.Any(NeedsEscape)) return $"\"{text}\"";
        var json = new StringBuilder("\"");
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsSurrogatePair(text, i)) json.Append(text, i++, 2);
            else if (NeedsEscape(text[i])) json.Append(CultureInfo.InvariantCulture, $"\\u{(int)text[i]:x4}");
            else json.Append(text[i]);
        }
        return json.Append('"').ToString();
    }

    private static bool NeedsEscape(char unit) => unit is '"' or '\\' or < ' ' || char.IsSurrogate(unit);
}

/// <summary>What an observation may have besides its snapshot.</summary>
public static class ObservationSamples
{
    /// <summary>The same observation as the answer to a captured request.</summary>
    public static Observation Answering(this Observation observation, RequestKind kind, string body) =>
        observation with { Request = new CapturedRequest(kind, new JsonText(Encoding.UTF8.GetBytes(body))) };
}
