namespace RunLedger.Postgres.Tests.Embedded;

/// <summary>A directory that every user may enter, removed at the end.</summary>
internal sealed class TestDirectory : IDisposable
{
    public TestDirectory(string below = "")
    {
        Root = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"runledger-test-{Guid.NewGuid():n}");
        Path = System.IO.Path.Combine(Root, below);
        Directory.CreateDirectory(Path);
    }

    public string Path { get; }

    private string Root { get; }

    public string File(string name) => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
