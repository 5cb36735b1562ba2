using System.CommandLine;

namespace RunLedger.Host.CommandLine;

/// <summary>Logging of commands that answer on stdout: to stderr, one line a message, warnings only unless more is asked for.</summary>
internal sealed class StandardErrorLogging(bool verbose) : ILoggerProvider
{
    /// <summary>The loggers of a command.</summary>
    public static ILoggerFactory Of(ParseResult parsed)
    {
        var verbose = parsed.GetValue(CommonOptions.Verbose);
        return LoggerFactory.Create(logging => logging
            .SetMinimumLevel(verbose ? LogLevel.Information : LogLevel.Warning)
            .AddFilter("Npgsql", LogLevel.Warning)
            .AddFilter("Npgsql.Connection", verbose ? LogLevel.Warning : LogLevel.None)
            .AddFilter("Microsoft", LogLevel.Warning)
            // What keeps a host from starting, or ends it, is said by the command.
            .AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None)
            .AddProvider(new StandardErrorLogging(verbose)));
    }

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => new LineLogger(verbose);

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    private sealed class LineLogger(bool verbose) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var line = Printable.Line(formatter(state, exception));
            if (exception is not null && verbose) line = $"{line}{Environment.NewLine}{exception}";
            else if (exception is not null) line = $"{line} {Printable.Line(exception.Message)}";
            Terminal.Say($"runledger: {Name(logLevel)}{line}");
        }

        private static string Name(LogLevel level) => level switch
        {
            LogLevel.Warning => "warning: ",
            LogLevel.Error or LogLevel.Critical => "error: ",
            _ => "",
        };
    }
}
