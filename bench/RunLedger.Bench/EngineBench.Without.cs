using RunLedger.Postgres.Embedded;

namespace RunLedger.Bench;

/// <summary>Both engines side by side, in a build that has but one.</summary>
internal static class EngineBench
{
    public static async Task RunAsync(EmbeddedPostgres server, FigureTable table, int runs, int runsPerClient, int rounds)
    {
        _ = (server, table, runs, runsPerClient, rounds);
        await Console.Error.WriteLineAsync("This build has no Marten engine to compare with: it needs -p:CritterStack=true.");
    }
}
