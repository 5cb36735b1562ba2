using RunLedger.Domain.Observations;
using RunLedger.Domain.Runs;
using RunLedger.Domain.Tests.Samples;
using static RunLedger.Domain.Tests.Samples.RunSamples;

namespace RunLedger.Domain.Tests.Runs;

/// <summary>What is late, what contradicts, what is the same again, and what becomes of the requests that came along.</summary>
public class OrderTests
{
    private static readonly SnapshotSample Queued = Run();
    private static readonly SnapshotSample Started = Queued.Started(at: 1);
    private static readonly SnapshotSample Calling = Started.Calling("call_a");
    private static readonly SnapshotSample Completed = Started.Completed(at: 9);

    public static TheoryData<Scenario> Late =>
    [
        new("older than what is known",
            [Started.SeenAt(1)], Queued.SeenAt(0), ["LateObservationRecorded: started_at status"], Outcome.Late),
        new("tool calls that only a late observation shows",
            [Completed.SeenAt(9)], Calling.SeenAt(2), ["LateObservationRecorded"], Outcome.Late),
        new("an older end",
            [Completed.WithMetadata("""{"a":"b"}""").SeenAt(20)], Completed.SeenAt(9), ["LateObservationRecorded: metadata"], Outcome.Late),
        new("the same snapshot, seen before it was known to be so",
            [Queued.SeenAt(0), Started.SeenAt(5)], Started.SeenAt(2), ["LateObservationRecorded:"], Outcome.Late),
        new("the end is never late for a live run",
            [Started.SeenAt(20)], Completed.SeenAt(9), ["RunCompleted: completed_at expires_at status usage"]),
        new("what was seen at the very time of the end but shows a live run is older",
            [Completed.SeenAt(9)], Started.SeenAt(9), ["LateObservationRecorded"], Outcome.Late),
        new("what is newer than an end that came late moves the run",
            [Started.SeenAt(20), Completed.SeenAt(9)], Completed.WithMetadata("""{"a":"b"}""").SeenAt(15), ["RunModified: metadata"]),
        new("older than when the run was last seen as it is known",
            [Started.SeenAt(1), Started.SeenAt(5)], Started.WithMetadata("""{"a":"b"}""").SeenAt(3), ["LateObservationRecorded: metadata"], Outcome.Late),
        new("newer than when the run was last seen as it is known",
            [Started.SeenAt(1), Started.SeenAt(5)], Started.WithMetadata("""{"a":"b"}""").SeenAt(6), ["RunModified: metadata"]),
        new("made before an older state was seen again, which tells nothing",
            [Queued.SeenAt(0), Started.SeenAt(5), Queued.SeenAt(4)], Started.WithMetadata("""{"a":"b"}""").SeenAt(6), ["RunModified: metadata"]),
        new("the end is never late for a run that was seen alive later",
            [Started.SeenAt(1), Started.SeenAt(20)], Completed.SeenAt(9), ["RunCompleted: completed_at expires_at status usage"]),
        new("between two observations that agree there is nothing new",
            [Started.SeenAt(1), Started.SeenAt(5)], Started.SeenAt(3), [], Outcome.Unchanged),
    ];

    public static TheoryData<Scenario> Contradictory =>
    [
        new("an ended run came alive",
            [Completed.SeenAt(9)], Started.SeenAt(10), ["ContradictionObserved: completed_at expires_at status usage"]),
        new("an ended run is still alive, at the next poll too",
            [Completed.SeenAt(9), Started.SeenAt(10)], Started.SeenAt(11), [], Outcome.Unchanged),
        new("another end", [Completed.SeenAt(9)], Started.Failed().SeenAt(10), ["ContradictionObserved"]),
        new("another end, seen earlier", [Completed.SeenAt(9)], Started.Failed().SeenAt(8), ["ContradictionObserved"]),
        new("another end, seen at nobody knows what time",
            [Completed.SeenAt(9)], Started.Failed().ReceivedAt(99), ["ContradictionObserved"]),
        new("a status after the end that nobody knows",
            [Completed.SeenAt(9)], Completed.WithStatus("archived").SeenAt(10), ["ContradictionObserved: status"]),
        new("created_at changed",
            [Queued.SeenAt(0)], Queued.WithTime("created_at", -7).SeenAt(1), ["ContradictionObserved:", "RunDetailsChanged: created_at"]),
        new("created_at is written otherwise",
            [Queued.SeenAt(0)], Queued.With("created_at", $"{SnapshotSample.Created}.0").SeenAt(1), [], Outcome.Unchanged),
        new("the thread changed while the run moved", [Queued.SeenAt(0)], Started.WithText("thread_id", "thread_2").SeenAt(1),
            ["ContradictionObserved:", "RunStarted: started_at status", "RunDetailsChanged: thread_id"]),
        new("the total is not the sum",
            [Started.SeenAt(1)], Completed.With("usage", UsageOf(1, 2, total: 4)).SeenAt(9), ["ContradictionObserved:", "RunCompleted"]),
        new("the total is not the sum at first sight", [], Completed.With("usage", UsageOf(1, 2, total: 4)).SeenAt(9),
            ["inferred RunQueued", "inferred RunStarted", "RunCompleted", "ContradictionObserved:"]),
        new("the total is still not the sum",
            [Completed.With("usage", UsageOf(1, 2, total: 4)).SeenAt(9)], Completed.With("usage", UsageOf(1, 2, total: 4)).WithMetadata("""{"a":"b"}""").SeenAt(10),
            ["RunModified: metadata"]),
        new("more cached tokens than input tokens",
            [Started.SeenAt(1)], Completed.With("usage", DetailedUsage(cached: 11, reasoning: 5)).SeenAt(9), ["ContradictionObserved:", "RunCompleted"]),
        new("more reasoning tokens than output tokens",
            [Started.SeenAt(1)], Completed.With("usage", DetailedUsage(cached: 10, reasoning: 6)).SeenAt(9), ["ContradictionObserved:", "RunCompleted"]),
        new("more cached tokens than input tokens of a response",
            [], ResponseSamples.Response().Answered().With("usage", """{"input_tokens":1,"output_tokens":2,"input_tokens_details":{"cached_tokens":2}}""").SeenAt(9),
            ["inferred RunQueued", "RunCompleted", "ContradictionObserved:"]),
        new("as many cached and reasoning tokens as there are",
            [Started.SeenAt(1)], Completed.With("usage", DetailedUsage(cached: 10, reasoning: 5)).SeenAt(9), ["RunCompleted"]),
        new("parts of what is not stated",
            [Started.SeenAt(1)], Completed.With("usage", """{"prompt_tokens_details":{"cached_tokens":4}}""").SeenAt(9), ["RunCompleted"]),
        new("no total, or a total alone, contradicts nothing",
            [Started.SeenAt(1)], Completed.With("usage", """{"total_tokens":4}""").SeenAt(9), ["RunCompleted"]),
    ];

    public static TheoryData<Scenario> TimesThatNobodyStated =>
    [
        new("seen before, so the same observation again",
            [Queued.ReceivedAt(0), Started.ReceivedAt(1)], Queued.ReceivedAt(50), [], Outcome.Unchanged),
        new("older by its content", [Started.ReceivedAt(1)], Queued.ReceivedAt(50), ["LateObservationRecorded"], Outcome.Late),
        new("alive after the end is older by its content",
            [Completed.ReceivedAt(9)], Calling.ReceivedAt(50), ["LateObservationRecorded"], Outcome.Late),
        new("newer by its content, whatever the assumed time",
            [Queued.SeenAt(50)], Started.ReceivedAt(1), ["RunStarted: started_at status"]),
        new("not cancelling any more is older by its content",
            [Started.ReceivedAt(1), Started.Cancelling().ReceivedAt(5)], Started.WithMetadata("""{"a":"b"}""").ReceivedAt(50),
            ["LateObservationRecorded: metadata status"], Outcome.Late),
        new("queued or waiting after it was being cancelled is older by its content",
            [Started.Requeued().ReceivedAt(1), Started.Cancelling().ReceivedAt(5)], Calling.ReceivedAt(50),
            ["LateObservationRecorded: required_action status"], Outcome.Late),
        new("not cancelling any more at a later time is not older", [Started.Cancelling().SeenAt(5)], Started.SeenAt(6), ["RunStarted: status"]),
        new("a status that nobody knows may follow the cancelling",
            [Started.Cancelling().ReceivedAt(5)], Started.WithStatus("pondering").ReceivedAt(50), ["RunDetailsChanged: status"]),
        new("the end of the cancelling", [Started.Cancelling().ReceivedAt(5)], Started.Cancelled().ReceivedAt(50), ["RunCancelled"]),
        new("an end whose usage is not known yet is older by its content",
            [Completed.ReceivedAt(9)], Completed.With("usage", "null").ReceivedAt(50), ["LateObservationRecorded: usage"], Outcome.Late),
        new("an end of a response whose usage is not known yet is older by its content",
            [ResponseSamples.Response().Answered().ReceivedAt(9)], ResponseSamples.Response().Answered().Without("usage").ReceivedAt(50),
            ["LateObservationRecorded: -usage"], Outcome.Late),
        new("a usage that was not known at the end", [Completed.With("usage", "null").ReceivedAt(9)], Completed.ReceivedAt(50), ["RunDetailsChanged: usage"]),
        new("another usage", [Completed.ReceivedAt(9)], Completed.With("usage", UsageOf(700, 34)).ReceivedAt(50), ["RunDetailsChanged: usage"]),
        new("a usage that is gone at a later time", [Completed.SeenAt(9)], Completed.With("usage", "null").SeenAt(50), ["RunDetailsChanged: usage"]),
        new("the end, whatever the assumed time", [Started.SeenAt(50)], Completed.ReceivedAt(1), ["RunCompleted"]),
        new("newer than what was seen at the end of time",
            [Queued.SeenAt(0) with { ObservedAt = DateTimeOffset.MaxValue }], Started.ReceivedAt(1), ["RunStarted"]),
        new("older than what was seen at the beginning of time",
            [Started.SeenAt(0) with { ObservedAt = DateTimeOffset.MinValue }], Queued.ReceivedAt(1),
            ["LateObservationRecorded"], Outcome.Late),
        new("a withheld snapshot once more", [Completed.SeenAt(9), Started.SeenAt(10)], Started.ReceivedAt(50), [], Outcome.Unchanged),
    ];

    public static TheoryData<Scenario> Requests =>
    [
        new("the request that created the run",
            [], Queued.SeenAt(0).Answering(RequestKind.Create, """{"assistant_id":"asst_1"}"""), ["RunRequested", "RunQueued"]),
        new("the request that created the run, captured after the run was seen",
            [Queued.SeenAt(0)], Queued.SeenAt(1).Answering(RequestKind.Create, """{"assistant_id":"asst_1"}"""), ["RunRequested"]),
        new("a request that came with a run that moved since",
            [Queued.SeenAt(0)], Started.SeenAt(1).Answering(RequestKind.Create, """{"assistant_id":"asst_1"}"""),
            ["RunRequested", "RunStarted"]),
        new("tool outputs",
            [Calling.SeenAt(2)], Calling.Requeued().SeenAt(3).Answering(RequestKind.SubmitToolOutputs, """{"tool_outputs":[]}"""),
            ["ToolOutputsSubmitted: required_action", "RunQueued: status"]),
        new("tool outputs at first sight",
            [], Calling.Requeued().SeenAt(3).Answering(RequestKind.SubmitToolOutputs, """{"tool_outputs":[]}"""),
            ["RunQueued", "ToolOutputsSubmitted:"]),
        new("a modification",
            [Queued.SeenAt(0)], Queued.WithMetadata("""{"a":"b"}""").SeenAt(1).Answering(RequestKind.Modify, """{"metadata":{"a":"b"}}"""),
            ["RunModified: metadata"]),
        new("a modification at first sight",
            [], Queued.SeenAt(1).Answering(RequestKind.Modify, """{"metadata":{}}"""), ["RunQueued", "RunModified:"]),
        new("a modification that changed nothing",
            [Queued.SeenAt(0)], Queued.SeenAt(1).Answering(RequestKind.Modify, """{"metadata":{}}"""), ["RunModified:"]),
        new("the same request again, written otherwise",
            [Queued.SeenAt(0).Answering(RequestKind.Modify, """{"metadata":{"a":"b","c":"d"}}""")],
            Queued.SeenAt(1).Answering(RequestKind.Modify, """{ "metadata":{"c":"d","a":"\u0062"}}"""),
            [], Outcome.Unchanged),
        new(
            "a request with white space around it",
            [Queued.SeenAt(0).Answering(RequestKind.Modify, "{}")],
            Queued.SeenAt(1).Answering(RequestKind.Modify, "\n { } \n"),
            [],
            Outcome.Unchanged),
        new("another request with the same body",
            [Queued.SeenAt(0).Answering(RequestKind.Create, "{}")], Queued.SeenAt(1).Answering(RequestKind.Modify, "{}"), ["RunModified:"]),
        new("a request whose answer came late",
            [Started.SeenAt(5)], Queued.SeenAt(0).Answering(RequestKind.Create, "{}"),
            ["RunRequested", "LateObservationRecorded"], Outcome.Late),
        new("a request whose answer contradicts the end",
            [Completed.SeenAt(9)], Started.SeenAt(10).Answering(RequestKind.Modify, "{}"), ["RunModified:", "ContradictionObserved"]),
    ];

    private static string DetailedUsage(long cached, long reasoning) =>
        $$$"""
        {
          "prompt_tokens":10,"completion_tokens":5,"total_tokens":15,
          "prompt_tokens_details":{"cached_tokens":{{{cached}}}},"completion_tokens_details":{"reasoning_tokens":{{{reasoning}}}}
        }
        """;

    [Theory]
    [MemberData(nameof(Late))]
    public void Late_observations_are_kept_aside(Scenario scenario) => scenario.Check();

    [Theory]
    [MemberData(nameof(Contradictory))]
    public void Contradictions_are_told(Scenario scenario) => scenario.Check();

    [Theory]
    [MemberData(nameof(TimesThatNobodyStated))]
    public void Where_nobody_stated_a_time_the_content_decides(Scenario scenario) => scenario.Check();

    [Theory]
    [MemberData(nameof(Requests))]
    public void Captured_requests_are_recorded(Scenario scenario) => scenario.Check();
}
