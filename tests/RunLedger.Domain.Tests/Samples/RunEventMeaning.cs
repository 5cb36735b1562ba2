using System.Text;
using RunLedger.Domain.Json;
using RunLedger.Domain.Runs;

namespace RunLedger.Domain.Tests.Samples;

/// <summary>What an event says, in one line that is equal for events of the same meaning, however their values are spelled.</summary>
public static class RunEventMeaning
{
    public static string Of(RunEvent runEvent) =>
        $"{runEvent.GetType().Name} {runEvent.Sighting} {Changes(runEvent.Changes)} closes {runEvent.Closes} answered {runEvent.Answered} {Own(runEvent)}";

    public static string Changes(FieldChanges changes) =>
        $"set [{string.Join(", ", changes.Set.Select(field => $"{field.Name} = {Value(field.Value)}"))}] removed [{string.Join(", ", changes.Removed)}]";

    /// <summary>A value by its meaning; a large one by its reference.</summary>
    public static string Value(FieldValue? value) => value switch
    {
        null => "none",
        FieldValue.Inline inline => Encoding.UTF8.GetString(CanonicalJson.Of(inline.Json)),
        FieldValue.Large large => large.Reference.ToString(),
        _ => throw new InvalidOperationException($"{value} is neither inline nor large."),
    };

    private static string Text(JsonText? value) => value is { } json ? Encoding.UTF8.GetString(CanonicalJson.Of(json)) : "absent";

    private static string Own(RunEvent runEvent) => runEvent switch
    {
        RunRequested requested => Value(requested.Request),
        ToolCallsRequired required => string.Join(", ", required.ToolCalls),
        LateObservationRecorded late => $"{string.Join(", ", late.ToolCalls)} {late.SeenAgainAt:O}",
        ToolOutputsSubmitted submitted => Value(submitted.Request),
        RunModified modified => $"{Value(modified.OldMetadata)} {Value(modified.Request)}",
        ContradictionObserved observed => $"{string.Join(", ", observed.Contradictions.Select(found => $"{found.Field} {Text(found.Recorded)} {Text(found.Observed)}"))} withheld {observed.Withheld}",
        _ => "",
    };
}

/// <summary>Compares states by what they mean.</summary>
public static class RunStateMeaning
{
    public static void AssertSame(RunState expected, RunState actual, RecordedRun run)
    {
        JsonMeaning.AssertSame(run.Json(expected.Fields), run.Json(actual.Fields));
        Assert.Equal(
            (expected.Id, expected.Version, expected.CreatedAt, expected.EndedAt, expected.LastObservedAt, expected.CurrentDigest),
            (actual.Id, actual.Version, actual.CreatedAt, actual.EndedAt, actual.LastObservedAt, actual.CurrentDigest));
        Assert.Equal((expected.LateObservations, expected.Contradictions, expected.Usage), (actual.LateObservations, actual.Contradictions, actual.Usage));
        Assert.Equal(expected.Timeline.AsEnumerable(), actual.Timeline.AsEnumerable());
        Assert.Equal(expected.ToolCalls.OrderBy(call => call.Key), actual.ToolCalls.OrderBy(call => call.Key));
        Assert.Equal(expected.Requests.Order(), actual.Requests.Order());
    }
}
