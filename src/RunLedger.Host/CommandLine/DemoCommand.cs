using System.CommandLine;
using RunLedger.Host.Demo;

namespace RunLedger.Host.CommandLine;

/// <summary><c>demo</c>: the whole thing on real parts, with a simulated assistants service at the other end.</summary>
internal static class DemoCommand
{
    private static readonly Option<int?> Runs = NumberOption.Create("--runs", "N", "End when so many runs are finished in the ledger.", 1_000_000);
    private static readonly Option<int?> For = NumberOption.Create("--for", "SECONDS", "End after this time.", 1_000_000);
    private static readonly Option<string?> Urls = new("--urls")
    {
        Description = $"Where the dashboard and the API listen. [default: {WebHost.DefaultUrls}]",
        HelpName = "URLS",
    };

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var command = new Command(
            "demo", "Simulated runs, created and polled over HTTP and recorded; with a live table and the dashboard. Its ledger is in .runledger/demo.")
        {
            Runs, For, Urls,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var plan = new DemoPlan(parsed.GetValue(Runs), parsed.GetValue(For) is { } seconds ? TimeSpan.FromSeconds(seconds) : null);
        // Never the ledger that the settings name for real work, only one that was named for this.
        var settings = Settings.Of(
            parsed,
            new("Connection", parsed.GetValue(CommonOptions.Connection) ?? ""),
            new("Data", parsed.GetValue(CommonOptions.Data) ?? Path.Combine(".runledger", "demo")),
            new("Urls", parsed.GetValue(Urls)));
        return await DemoRun.RunAsync(plan, settings, StandardErrorLogging.Of(parsed), cancellationToken);
    }
}
