using RunLedger.Simulator.Runs;

namespace RunLedger.Simulator.Scenarios;

/// <summary>Tokens used: cached ones are among the prompt's, reasoning ones among the completion's.</summary>
internal sealed record TokenUsage(int Prompt, int Completion, int Cached, int Reasoning)
{
    public static TokenUsage None { get; } = new(0, 0, 0, 0);

    public int Total => Prompt + Completion;

    public static TokenUsage operator +(TokenUsage a, TokenUsage b) =>
        new(a.Prompt + b.Prompt, a.Completion + b.Completion, a.Cached + b.Cached, a.Reasoning + b.Reasoning);

    /// <summary>
    /// Tokens of one turn. The prompt holds instructions and tools (about four letters a token) and a history that grows from
    /// turn to turn; from 1024 tokens on, whole blocks of 128 of it may come from the cache, as the service's prompt caching has it.
    /// </summary>
    public static TokenUsage Draw(RunConfiguration configuration, int turn, TurnEnd end, SeededRandom random)
    {
        var fixedPart = ((configuration.Instructions?.Length ?? 0) + configuration.Tools.GetRawText().Length) / 4;
        var prompt = fixedPart + random.Between(80, 2400) + (turn * random.Between(60, 400));
        var cached = prompt >= 1024 && random.Chance(turn == 0 ? 0.3 : 0.8) ? prompt * 3 / 4 / 128 * 128 : 0;
        var visible = end is TurnEnd.CallsTools calls ? calls.Calls.Count * random.Between(18, 60) : random.Between(40, 900);
        var reasoning = configuration.ReasoningEffort is null ? 0 : 64 * random.Between(1, 24);
        return new TokenUsage(prompt, visible + reasoning, cached, reasoning);
    }
}
