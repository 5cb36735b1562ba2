using System.Buffers;
using System.Text;
using RunLedger.Domain.Json;
using RunLedger.Domain.Observations;
using RunLedger.Domain.Runs;

namespace RunLedger.Domain.Tests.Samples;

/// <summary>
/// A run's stream as a ledger keeps it, in memory: every event goes through its JSON as <c>jsonb</c> would give it back, large contents are
/// kept apart under their digests, and decisions are made on a state that has forgotten them.
/// </summary>
public sealed class RecordedRun(RunId id)
{
    private readonly List<RunEvent> _events = [];
    private readonly Dictionary<Digest, JsonText> _contents = [];

    /// <summary>A stream that has recorded these observations.</summary>
    public static RecordedRun Of(params IReadOnlyList<Observation> observations)
    {
        var run = new RecordedRun(observations[0].Snapshot.Id);
        foreach (var observation in observations) run.Observe(observation);
        return run;
    }

    public IReadOnlyList<RunEvent> Events => _events;

    /// <summary>The state that decisions are made on.</summary>
    public RunState State { get; private set; } = RunState.New(id);

    public RunHistory History =>
        new(id, [.. _events.Select((stored, index) => new RecordedEvent(index + 1, index + 1, stored.Sighting.ObservedAt, stored, null))]);

    /// <summary>The run as last observed, as JSON.</summary>
    public string Current => Json(State.Fields);

    /// <summary>Decides and appends. The decision's events are as decided, the stream's as stored.</summary>
    public Decision Observe(Observation observation)
    {
        var decision = RunDecider.Decide(State.Version == 0 ? null : State, observation);
        foreach (var decided in decision.Events)
        {
            KeepContents(decided);
            var stored = Stored(decided);
            _events.Add(stored);
            State = State.Apply(stored).Light();
        }
        State = State.SeenAgainBy(observation);
        return decision;
    }

    /// <summary>The snapshot that the history gives back at a version, as JSON.</summary>
    public string SnapshotAt(long version) => Json(History.SnapshotAt(version) ?? throw new InvalidOperationException($"There is no version {version}."));

    public string Json(SnapshotFields fields) => fields.ToJson(Content).ToString();

    /// <summary>A large value that events refer to.</summary>
    public JsonText Content(ContentReference reference) => _contents[reference.Sha256];

    /// <summary>The event as it comes back from the database.</summary>
    public static RunEvent Stored(RunEvent runEvent) =>
        RunEventJson.Read(RunEventTypes.Of(runEvent).Alias, new JsonText(Encoding.UTF8.GetBytes(Jsonb.Store(Written(runEvent)))));

    /// <summary>The event's JSON.</summary>
    public static string Written(RunEvent runEvent)
    {
        var output = new ArrayBufferWriter<byte>();
        using var writer = RunEventJson.Writer(output);
        RunEventJson.Write(runEvent, writer);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    private void KeepContents(RunEvent runEvent)
    {
        foreach (var large in runEvent.LargeValues())
            _contents[large.Reference.Sha256] = large.Content ?? throw new InvalidOperationException($"{runEvent} refers to content that it does not carry.");
    }
}
