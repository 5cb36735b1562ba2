using System.Diagnostics;

namespace RunLedger.Host.Tests.Polling;

/// <summary>Waits for conditions.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>Returns as soon as the condition holds; fails when it does not within 30 seconds.</summary>
    public static async Task HoldsAsync(string condition, Func<Task<bool>> test)
    {
        var begin = Stopwatch.GetTimestamp();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!await test())
        {
            Assert.True(Stopwatch.GetElapsedTime(begin) < Limit, $"Not within {Limit.TotalSeconds} s: {condition}");
            await timer.WaitForNextTickAsync();
        }
    }

    /// <inheritdoc cref="HoldsAsync(string, Func{Task{bool}})"/>
    public static Task HoldsAsync(string condition, Func<bool> test) => HoldsAsync(condition, () => Task.FromResult(test()));
}
