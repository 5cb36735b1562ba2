using RunLedger.Simulator.Runs;

namespace RunLedger.Simulator.Scenarios;

/// <summary>
/// The course of one run, drawn once when it is created: how long it waits and works, what it calls, what it uses and how it ends.
/// Durations are in simulated time.
/// </summary>
/// <param name="Turns">The model's turns; all but the last end in tool calls.</param>
/// <param name="Cancelling">How long a cancellation takes.</param>
internal sealed record RunPlan(IReadOnlyList<Turn> Turns, TimeSpan Cancelling)
{
    public static RunPlan Draw(Scenario scenario, RunConfiguration configuration, SeededRandom random)
    {
        var turns = new List<Turn>();
        foreach (var count in RoundsOf(scenario, random))
        {
            var calls = ToolCall.Draw(configuration, count, random);
            if (calls.Count > 0)
            {
                turns.Add(DrawTurn(configuration, turns.Count, new TurnEnd.CallsTools(calls), random));
            }
        }

        turns.Add(DrawTurn(configuration, turns.Count, TurnEnd.Of(scenario, configuration), random));
        return new RunPlan(WithinLimits(turns, configuration), random.Seconds(1, 4));
    }

    private static int[] RoundsOf(Scenario scenario, SeededRandom random) => scenario switch
    {
        Scenario.ToolCalls or Scenario.ToolCallsFailed => [1],
        Scenario.ParallelToolCalls => [random.Between(2, 3)],
        Scenario.TwoToolRounds => [random.Between(1, 2), 1],
        _ => [],
    };

    private static Turn DrawTurn(RunConfiguration configuration, int index, TurnEnd end, SeededRandom random)
    {
        var usage = end is TurnEnd.Fails { BeforeAnyToken: true } ? TokenUsage.None : TokenUsage.Draw(configuration, index, end, random);
        return new Turn(random.Seconds(0.5, 3), random.Seconds(2, 20), usage, end);
    }

    /// <summary>Ends the run in the turn that goes beyond the limits that its request set.</summary>
    private static List<Turn> WithinLimits(List<Turn> turns, RunConfiguration configuration)
    {
        var (prompt, completion) = (0, 0);
        for (var i = 0; i < turns.Count; i++)
        {
            var usage = turns[i].Usage;
            prompt += usage.Prompt;
            completion += usage.Completion;
            if (prompt > configuration.MaxPromptTokens)
            {
                return [.. turns[..i], turns[i] with { End = new TurnEnd.RunsOut("max_prompt_tokens") }];
            }

            if (completion > configuration.MaxCompletionTokens)
            {
                var allowed = usage.Completion - (completion - configuration.MaxCompletionTokens.Value);
                var cut = usage with { Completion = allowed, Reasoning = Math.Min(usage.Reasoning, allowed) };
                return [.. turns[..i], turns[i] with { Usage = cut, End = new TurnEnd.RunsOut("max_completion_tokens") }];
            }
        }

        return turns;
    }
}

/// <summary>One go of the model at the thread: a wait in the queue, then work, then an end.</summary>
internal sealed record Turn(TimeSpan Queued, TimeSpan Working, TokenUsage Usage, TurnEnd End);

/// <summary>How a turn ends.</summary>
internal abstract record TurnEnd
{
    private TurnEnd()
    {
    }

    public sealed record CallsTools(IReadOnlyList<ToolCall> Calls) : TurnEnd;

    public sealed record Completes : TurnEnd;

    public sealed record Fails(RunError Error, bool BeforeAnyToken) : TurnEnd;

    public sealed record RunsOut(string Reason) : TurnEnd;

    /// <summary>Never ends by itself: the run expires.</summary>
    public sealed record Hangs : TurnEnd;

    public sealed record IsCancelled : TurnEnd;

    public static TurnEnd Of(Scenario scenario, RunConfiguration configuration) => scenario switch
    {
        Scenario.ServerError or Scenario.ToolCallsFailed => new Fails(RunError.Server, BeforeAnyToken: false),
        Scenario.RateLimitExceeded => new Fails(RunError.RateLimit(configuration.Model), BeforeAnyToken: true),
        Scenario.InvalidPrompt => new Fails(RunError.InvalidPrompt, BeforeAnyToken: true),
        Scenario.MaxCompletionTokens => new RunsOut("max_completion_tokens"),
        Scenario.MaxPromptTokens => new RunsOut("max_prompt_tokens"),
        Scenario.Expired => new Hangs(),
        Scenario.Cancelled => new IsCancelled(),
        _ => new Completes(),
    };
}

/// <summary>A run's <c>last_error</c>.</summary>
internal sealed record RunError(string Code, string Message)
{
    public static RunError Server { get; } = new("server_error", "Sorry, something went wrong.");

    public static RunError InvalidPrompt { get; } =
        new("invalid_prompt", "Invalid prompt: your prompt was flagged as potentially violating our usage policy.");

    public static RunError RateLimit(string model) =>
        new("rate_limit_exceeded", $"Rate limit reached for {model} on tokens per min (TPM). Please try again later.");
}
