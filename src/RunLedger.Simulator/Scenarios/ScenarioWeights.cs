using System.Collections.ObjectModel;

namespace RunLedger.Simulator.Scenarios;

/// <summary>How often each scenario is drawn when a request forces none.</summary>
public static class ScenarioWeights
{
    /// <summary>A day's mixture: most runs complete, about a third with tool calls, and every ending occurs.</summary>
    public static IReadOnlyDictionary<Scenario, double> Default { get; } = new ReadOnlyDictionary<Scenario, double>(
        new Dictionary<Scenario, double>
        {
            [Scenario.Completed] = 40,
            [Scenario.ToolCalls] = 20,
            [Scenario.ParallelToolCalls] = 10,
            [Scenario.TwoToolRounds] = 8,
            [Scenario.ToolCallsFailed] = 2,
            [Scenario.ServerError] = 3,
            [Scenario.RateLimitExceeded] = 3,
            [Scenario.InvalidPrompt] = 1,
            [Scenario.MaxCompletionTokens] = 4,
            [Scenario.MaxPromptTokens] = 2,
            [Scenario.Expired] = 3,
            [Scenario.Cancelled] = 4,
        });

    /// <summary>Weights under which every run plays this one scenario.</summary>
    public static IReadOnlyDictionary<Scenario, double> Only(Scenario scenario) => new Dictionary<Scenario, double> { [scenario] = 1 };

    internal static Scenario Draw(IReadOnlyDictionary<Scenario, double> weights, SeededRandom random)
    {
        // In the enumeration's order, because a dictionary promises none.
        var ordered = weights.Where(weight => weight.Value > 0).OrderBy(weight => weight.Key).ToArray();
        var drawn = random.Fraction() * ordered.Sum(weight => weight.Value);
        foreach (var (scenario, weight) in ordered)
        {
            drawn -= weight;
            if (drawn < 0)
            {
                return scenario;
            }
        }

        return ordered[^1].Key;
    }

    internal static void Validate(IReadOnlyDictionary<Scenario, double> weights)
    {
        if (weights.Values.Any(weight => !double.IsFinite(weight) || weight < 0) || !weights.Values.Any(weight => weight > 0))
        {
            throw new ArgumentException("Scenario weights must not be negative, and one of them must be above zero.");
        }
    }
}
