using System.CommandLine;
using Microsoft.Extensions.Logging.Console;
using RunLedger.Host.Engines;

namespace RunLedger.Host.CommandLine;

/// <summary><c>serve</c>: the API, the dashboard and the pollers, until Ctrl-C or SIGTERM.</summary>
internal static class ServeCommand
{
    private static readonly Option<string?> Urls = new("--urls")
    {
        Description = "Where to listen, with semicolons between. Only loopback while no keys are configured. "
            + $"[environment: RUNLEDGER_URLS] [default: {WebHost.DefaultUrls}]",
        HelpName = "URLS",
    };

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var command = new Command("serve", "The API, the dashboard and the pollers, until Ctrl-C.") { Urls };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var settings = Settings.Of(parsed, new KeyValuePair<string, string?>("Urls", parsed.GetValue(Urls)));
        WebHost.Check(settings.Configuration, settings.Urls);
        var loggers = Loggers(settings.Configuration, parsed.GetValue(CommonOptions.Verbose));
        await using var open = await OpenLedger.OpenAsync(settings, loggers, Engine.OfHosts, cancellationToken);
        await using var host = await WebHost.StartAsync(open.Ledger, settings.Configuration, settings.Urls, loggers, cancellationToken);

        await Console.Out.WriteLineAsync($"RunLedger listens on {string.Join(", ", host.Addresses)} with the ledger in {open.Place}. Ctrl-C ends it.");
        await host.WaitForEndAsync(cancellationToken);
        await Console.Out.WriteLineAsync("Stopping: what has arrived is recorded first.");
        return ExitCodes.Done;
    }

    private static ILoggerFactory Loggers(IConfiguration configuration, bool verbose) => LoggerFactory.Create(logging =>
    {
        logging.AddConfiguration(configuration.GetSection("Logging"));
        if (verbose)
        {
            logging.AddFilter("Microsoft.AspNetCore", LogLevel.Information).AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.Information);
            logging.AddFilter("Npgsql.Connection", LogLevel.Warning);
        }
        // What keeps the host from starting, or ends it, is said by the command.
        logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
        logging.AddSimpleConsole(OneLine);
    });

    private static void OneLine(SimpleConsoleFormatterOptions format)
    {
        format.SingleLine = true;
        format.UseUtcTimestamp = true;
        format.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss'Z' ";
    }
}
