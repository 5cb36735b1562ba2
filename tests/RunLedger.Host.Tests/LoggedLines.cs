using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace RunLedger.Host.Tests;

/// <summary>What a host has logged, from information on, a line an entry.</summary>
internal sealed class LoggedLines : ConcurrentQueue<string>, ILoggerProvider, ILogger
{
    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

    public void Log<TState>(LogLevel level, EventId id, TState state, Exception? exception, Func<TState, Exception?, string> format) =>
        Enqueue($"{level}: {format(state, exception)} {exception}".TrimEnd());

    public void Dispose()
    {
    }
}
