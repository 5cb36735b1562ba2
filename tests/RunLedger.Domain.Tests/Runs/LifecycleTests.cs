using RunLedger.Domain.Runs;
using RunLedger.Domain.Tests.Samples;
using static RunLedger.Domain.Tests.Samples.ResponseSamples;
using static RunLedger.Domain.Tests.Samples.RunSamples;

namespace RunLedger.Domain.Tests.Runs;

/// <summary>How runs and responses move when they are watched closely, and what is inferred when they are not.</summary>
public class LifecycleTests
{
    private static readonly SnapshotSample Queued = Run();
    private static readonly SnapshotSample Started = Queued.Started(at: 1);
    private static readonly SnapshotSample Calling = Started.Calling("call_a");
    private static readonly SnapshotSample Requeued = Calling.Requeued();
    private static readonly SnapshotSample Restarted = Requeued.Started(at: 5);

    public static TheoryData<Scenario> WatchedClosely =>
    [
        new("a new run is queued, and all that it shows is its configuration", [], Queued.SeenAt(0), ["RunQueued"]),
        new("the run starts", [Queued.SeenAt(0)], Started.SeenAt(1), ["RunStarted: started_at status"]),
        new("the run requires the outputs of tools",
            [Queued.SeenAt(0), Started.SeenAt(1)], Calling.SeenAt(2), ["ToolCallsRequired: required_action status"]),
        new("the run goes back to the queue when they are submitted", [Started.SeenAt(1), Calling.SeenAt(2)], Requeued.SeenAt(3),
            ["inferred ToolOutputsSubmitted: required_action", "RunQueued: status"]),
        new("the run starts again, at another time",
            [Calling.SeenAt(2), Requeued.SeenAt(3)], Restarted.SeenAt(5), ["RunStarted: started_at status"]),
        new("the run starts again within the same second",
            [Calling.SeenAt(2), Requeued.SeenAt(3)], Requeued.Started(at: 1).SeenAt(5), ["RunStarted: status"]),
        new("the run completes with its usage, and expires no more",
            [Requeued.SeenAt(3), Restarted.SeenAt(5)], Restarted.Completed().SeenAt(9),
            ["RunCompleted: completed_at expires_at status usage"]),
        new("the run is being cancelled", [Started.SeenAt(1)], Started.Cancelling().SeenAt(2), ["RunCancelling: status"]),
        new("the run was cancelled",
            [Started.Cancelling().SeenAt(2)], Started.Cancelled().SeenAt(9), ["RunCancelled: cancelled_at expires_at status usage"]),
        new("the run was cancelled while it waited for tool outputs, which were not submitted then",
            [Calling.SeenAt(2)], Calling.Cancelling().SeenAt(3),
            ["RunCancelling: required_action status"]),
        new("the run failed and says why",
            [Started.SeenAt(1)], Started.Failed().SeenAt(9), ["RunFailed: expires_at failed_at last_error status usage"]),
        new("the run ended at a limit and says which", [Started.SeenAt(1)], Started.Incomplete().SeenAt(9),
            ["RunIncomplete: completed_at expires_at incomplete_details status usage"]),
        new("the run expired while it waited for tool outputs", [Calling.SeenAt(2)], Calling.Expired().SeenAt(601),
            ["RunExpired: expires_at required_action status usage"]),
        new("metadata were modified", [Queued.SeenAt(0)], Queued.WithMetadata("""{"a":"b"}""").SeenAt(1), ["RunModified: metadata"]),
        new("metadata were modified after the end",
            [Started.Completed().SeenAt(9)], Started.Completed().WithMetadata("""{"a":"b"}""").SeenAt(99), ["RunModified: metadata"]),
        new("metadata were modified while the run moved", [Queued.SeenAt(0)], Started.WithMetadata("""{"a":"b"}""").SeenAt(1),
            ["RunModified: metadata", "RunStarted: started_at status"]),
        new("a poll that shows nothing new makes no event", [Queued.SeenAt(0)], Queued.SeenAt(7), [], Outcome.Unchanged),
        new("another text of the same snapshot is nothing new",
            [Queued.SeenAt(0)], Queued.With("temperature", "10e-1").With("top_p", "1.00").WithText("model", "gpt-4o").SeenAt(7),
            [], Outcome.Unchanged),
    ];

    public static TheoryData<Scenario> PollGaps =>
    [
        new("first seen in progress", [], Started.SeenAt(1), ["inferred RunQueued", "RunStarted"]),
        new("first seen requiring action",
            [], Calling.SeenAt(2), ["inferred RunQueued", "inferred RunStarted: started_at", "ToolCallsRequired"]),
        new("first seen completed",
            [], Started.Completed().SeenAt(9), ["inferred RunQueued", "inferred RunStarted: started_at", "RunCompleted"]),
        new("first seen cancelled before it started", [], Queued.Cancelled().SeenAt(9), ["inferred RunQueued", "RunCancelled"]),
        new("from the queue to the end", [Queued.SeenAt(0)], Started.Completed().SeenAt(9),
            ["inferred RunStarted: started_at", "RunCompleted: completed_at expires_at status usage"]),
        new("from the queue to tool calls",
            [Queued.SeenAt(0)], Calling.SeenAt(2), ["inferred RunStarted: started_at", "ToolCallsRequired: required_action status"]),
        new("from tool calls to the end", [Calling.SeenAt(2)], Restarted.Completed().SeenAt(9),
            ["inferred ToolOutputsSubmitted: required_action", "inferred RunStarted: started_at", "RunCompleted: completed_at expires_at status usage"]),
        new("from tool calls to work",
            [Calling.SeenAt(2)], Restarted.SeenAt(5), ["inferred ToolOutputsSubmitted: required_action", "RunStarted: started_at status"]),
        new("from tool calls to other tool calls", [Calling.SeenAt(2)], Restarted.Calling("call_b").SeenAt(6),
            ["inferred ToolOutputsSubmitted:", "inferred RunStarted: started_at", "ToolCallsRequired: required_action"]),
        new("from work to work after tool calls that nobody saw", [Started.SeenAt(1)], Restarted.SeenAt(5), ["RunStarted: started_at"]),
    ];

    public static TheoryData<Scenario> Responses =>
    [
        new("a response in the background is queued", [], Response().SeenAt(0), ["RunQueued"]),
        new("the response is in progress, which it has no time for",
            [Response().SeenAt(0)], Response().InProgress().SeenAt(1), ["RunStarted: status"]),
        new("the response completes with a message",
            [Response().InProgress().SeenAt(1)], Response().Answered(Message("Hello")).SeenAt(2), ["RunCompleted: output status usage"]),
        new("the response completes with a function call",
            [Response().InProgress().SeenAt(1)], Response().Answered(FunctionCall("call_a")).SeenAt(2),
            ["ToolCallsRequired: output", "RunCompleted: status usage"]),
        new("first seen completed with a function call", [], Response().Answered(FunctionCall("call_a")).SeenAt(2),
            ["inferred RunQueued", "ToolCallsRequired: output", "RunCompleted"]),
        new("the response failed and says why",
            [Response().SeenAt(0)], Response().Broken("server_error", "Sorry.").SeenAt(2), ["RunFailed: error status"]),
        new("the response was cancelled", [Response().SeenAt(0)], Response().WithStatus("cancelled").SeenAt(2), ["RunCancelled: status"]),
        new("the response ended at a limit",
            [Response().SeenAt(0)], Response().WithStatus("incomplete").With("incomplete_details", """{"reason":"max_output_tokens"}""").SeenAt(2),
            ["RunIncomplete: incomplete_details status"]),
    ];

    public static TheoryData<Scenario> TomorrowsApi =>
    [
        new("first seen with a status that nobody knows",
            [], Queued.WithStatus("pondering").SeenAt(0), ["inferred RunQueued", "RunDetailsChanged"]),
        new("a status that nobody knows", [Started.SeenAt(1)], Started.WithStatus("pondering").SeenAt(2), ["RunDetailsChanged: status"]),
        new("a status that nobody knows, then one that everybody knows",
            [Started.WithStatus("pondering").SeenAt(2)], Started.Completed().SeenAt(9),
            ["RunCompleted: completed_at expires_at status usage"]),
        new("a field that nobody knows comes",
            [Queued.SeenAt(0)], Queued.With("shoe_size", "42").SeenAt(1), ["RunDetailsChanged: shoe_size"]),
        new("a field that nobody knows changes with the status",
            [Queued.With("shoe_size", "42").SeenAt(0)], Started.With("shoe_size", "43").SeenAt(1),
            ["RunStarted: started_at status", "RunDetailsChanged: shoe_size"]),
        new("a field that nobody knows goes",
            [Queued.With("shoe_size", "42").SeenAt(0)], Queued.SeenAt(1), ["RunDetailsChanged: -shoe_size"]),
        new("null is not absent", [Queued.With("shoe_size", "null").SeenAt(0)], Queued.SeenAt(1), ["RunDetailsChanged: -shoe_size"]),
        new("a tool call of a type that nobody knows",
            [Started.SeenAt(1)], Started.CallingWith("""{"id":"call_a","type":"telepathy"}""").SeenAt(2),
            ["ToolCallsRequired: required_action status"]),
        new("an action that nobody knows",
            [Started.SeenAt(1)], Started.WithStatus("requires_action").With("required_action", """{"type":"dance"}""").SeenAt(2),
            ["ToolCallsRequired: required_action status"]),
    ];

    [Theory]
    [MemberData(nameof(WatchedClosely))]
    public void Watched_closely(Scenario scenario) => scenario.Check();

    [Theory]
    [MemberData(nameof(PollGaps))]
    public void What_polls_missed_is_inferred(Scenario scenario) => scenario.Check();

    [Theory]
    [MemberData(nameof(Responses))]
    public void Responses_move_as_runs_do(Scenario scenario) => scenario.Check();

    [Theory]
    [MemberData(nameof(TomorrowsApi))]
    public void Tomorrows_api_is_recorded(Scenario scenario) => scenario.Check();
}
