namespace RunLedger.Contract.Servers;

/// <summary>A PostgreSQL server for tests.</summary>
/// <param name="ConnectionString">How to reach it, as a superuser.</param>
/// <param name="IsLasting">Whether it outlives the tests, so that they have to take their databases away.</param>
/// <param name="Stop">What stops it; null where that is not the tests' business.</param>
internal sealed record TestServer(string ConnectionString, bool IsLasting, IAsyncDisposable? Stop) : IAsyncDisposable
{
    public ValueTask DisposeAsync() => Stop?.DisposeAsync() ?? ValueTask.CompletedTask;
}
