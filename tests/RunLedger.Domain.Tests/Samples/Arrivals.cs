using System.Globalization;
using System.Text;
using RunLedger.Domain.Observations;

namespace RunLedger.Domain.Tests.Samples;

/// <summary>An observation on its way to the ledger, still as the sample that it shows.</summary>
/// <param name="Shown">What the snapshot shows.</param>
/// <param name="At">When it was made, in seconds after the creation.</param>
/// <param name="Basis">Whether somebody said so.</param>
/// <param name="Spelling">Which of the many texts of the snapshot was sent.</param>
public sealed record Arrival(SnapshotSample Shown, double At, TimeBasis Basis, int Spelling)
{
    private static readonly KeyValuePair<string, string>[] Usual = [.. RunSamples.Run().Without("status").Fields];

    /// <summary>The request that the snapshot answered, if one was captured.</summary>
    public CapturedRequest? Request { get; init; }

    private readonly Lazy<Snapshot> _snapshot = new(() => Read(JsonSpelling.Respelled(Shown.Json, Spelling)));

    /// <summary>The observation without the request.</summary>
    public Observation Observation => new(_snapshot.Value, SnapshotSample.At(At), Basis, Basis == TimeBasis.Stated ? "poll" : "push");

    public Observation ObservationWithRequest => Observation with { Request = Request };

    /// <summary>The same with another sample, time or basis.</summary>
    public Arrival But(SnapshotSample? shown = null, double? at = null, TimeBasis? basis = null) =>
        new(shown ?? Shown, at ?? At, basis ?? Basis, Spelling) { Request = Request };

    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{(Basis == TimeBasis.Stated ? "seen at" : "received at")} {At:0.000000} {Request?.Kind} {string.Join(' ', Shown.Fields.Except(Usual).Select(Brief))}");

    private static Snapshot Read(string json)
    {
        var read = Snapshot.Read(Encoding.UTF8.GetBytes(json));
        return read.Value ?? throw new InvalidOperationException($"{read.Defect} in {json}");
    }

    private static string Brief(KeyValuePair<string, string> field) =>
        $"{field.Key}={(field.Value.Length <= 60 ? field.Value : $"{field.Value[..60]}…({field.Value.Length})")}";
}

/// <summary>Observations of one run in the order in which they arrive; a failing property shows the shortest such list that fails.</summary>
public sealed record Arrivals(IReadOnlyList<Arrival> All)
{
    /// <summary>The newest by the time at which it was made.</summary>
    public Arrival Newest => All.MaxBy(arrival => arrival.At)!;

    public RunId RunId => All[0].Observation.Snapshot.Id;

    /// <summary>The stream that has recorded all of them, requests included.</summary>
    public RecordedRun Recorded() => RecordedRun.Of([.. All.Select(arrival => arrival.ObservationWithRequest)]);

    /// <summary>The same arrivals without one of them, for every one.</summary>
    public IEnumerable<Arrivals> Shorter() =>
        All.Count == 1 ? [] : All.Select((_, left) => new Arrivals([.. All.Where((_, index) => index != left)]));

    public override string ToString() => string.Join("\n", All.Prepend<object>(""));
}
