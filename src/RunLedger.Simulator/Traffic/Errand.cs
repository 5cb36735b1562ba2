using System.Globalization;
using System.Text.Json.Nodes;

namespace RunLedger.Simulator.Traffic;

/// <summary>What the client wants of one run, drawn before it is created.</summary>
internal sealed record Errand(int Ordinal, string AssistantId, string Team, string Customer)
{
    private static readonly string[] Questions =
    [
        "Where is my order?", "What sold best last month?", "Compare clause 7 of both contracts.", "Two days in Lisbon, please.",
        "Tidy up these notes.",
    ];

    public required string Question { get; init; }

    public bool HasOwnThread { get; init; }

    public bool Cancels { get; init; }

    public bool Modifies { get; init; }

    public bool Abandons { get; init; }

    public bool SetsLimits { get; init; }

    public bool ForbidsParallelCalls { get; init; }

    public static Errand Draw(TrafficOptions options, int ordinal)
    {
        var random = new SeededRandom(options.Seed, "errand", ordinal);
        return new Errand(ordinal, random.Pick(options.AssistantIds), random.Pick(options.Teams), random.Pick(options.Customers))
        {
            Question = random.Pick(Questions),
            HasOwnThread = random.Chance(options.OwnThreadShare),
            Cancels = random.Chance(options.CancelShare),
            Modifies = random.Chance(options.ModifyShare),
            Abandons = random.Chance(options.AbandonShare),
            SetsLimits = random.Chance(options.LimitShare),
            ForbidsParallelCalls = random.Chance(0.1),
        };
    }

    public JsonObject CreateRunRequest()
    {
        var body = new JsonObject { ["assistant_id"] = AssistantId, ["metadata"] = Metadata() };
        if (SetsLimits)
        {
            body["max_prompt_tokens"] = 4000;
            body["max_completion_tokens"] = 1000;
        }

        if (ForbidsParallelCalls)
        {
            body["parallel_tool_calls"] = false;
        }

        return body;
    }

    public JsonObject Message() => new() { ["role"] = "user", ["content"] = Question };

    /// <summary>A modification's body: the service replaces the metadata, so what stays is sent again.</summary>
    public JsonObject ModifyRunRequest()
    {
        var metadata = Metadata();
        metadata["priority"] = "high";
        return new JsonObject { ["metadata"] = metadata };
    }

    private JsonObject Metadata() => new()
    {
        ["team"] = Team,
        ["customer"] = Customer,
        ["ticket"] = (1000 + Ordinal).ToString(CultureInfo.InvariantCulture),
    };
}
