using System.Text.Json;
using Npgsql;

namespace RunLedger.Host.Tests.CommandLine;

[Collection(TestDatabase.Collection)]
public sealed class AuditTests(TestDatabase database) : IDisposable
{
    private readonly DirectoryInfo _kept = Directory.CreateTempSubdirectory("runledger-audit-");

    public void Dispose() => _kept.Delete(recursive: true);

    [Fact]
    public async Task Events_are_sealed_proven_and_verified_and_a_forgery_is_found()
    {
        var connection = await database.CreateAsync();
        await ImportAsync(connection, "run_1", "run_2");
        Assert.Equal("No event is sealed yet; there are 2.", (await Invocation.RunAsync(connection, "audit")).Expect(0).Trim());
        var checkpoint = await KeepAsync("checkpoint.json", connection, "audit", "checkpoint");
        await ImportAsync(connection, "run_3");
        using (var status = JsonDocument.Parse((await Invocation.RunAsync(connection, "audit", "--json")).Expect(0)))
            Assert.Equal((2, 1), (status.RootElement.GetProperty("sealed").GetInt64(), status.RootElement.GetProperty("since").GetInt64()));

        var proof = await KeepAsync("proof.json", connection, "audit", "proof", "run_2", "--checkpoint", checkpoint);
        var verified = await Invocation.RunAsync(null, "audit", "verify", "--proof", proof, "--checkpoint", checkpoint);
        Assert.StartsWith("1 event of run_2, from the first on, sealed by the checkpoint of 2 events", verified.Expect(0), StringComparison.Ordinal);
        Assert.EndsWith("0 findings.", (await Invocation.RunAsync(connection, "audit", "verify", "--checkpoint", checkpoint)).Expect(0).Trim(), StringComparison.Ordinal);
        Assert.Contains("was recorded after the checkpoint", await ProblemAsync(connection, "audit", "proof", "run_3", "--checkpoint", checkpoint), StringComparison.Ordinal);

        await using (var dataSource = NpgsqlDataSource.Create(connection))
        await using (var forgery = dataSource.CreateCommand("update runledger.mt_events set data = jsonb_set(data, '{source}', '\"forged\"') where stream_id = 'run_2'"))
            await forgery.ExecuteNonQueryAsync();
        var found = (await Invocation.RunAsync(connection, "audit", "verify", "--checkpoint", checkpoint)).Expect(1);
        Assert.Matches(@"run_2, event 1 \(position [0-9]+, run_queued\) is not as it was sealed", found);
        Assert.Contains("the first 2 events are not those that a checkpoint seals", found, StringComparison.Ordinal);
        using var answer = JsonDocument.Parse((await Invocation.RunAsync(connection, "audit", "verify", "--json")).Expect(1));
        Assert.Equal((1, 1), (answer.RootElement.GetProperty("findings").GetInt64(), answer.RootElement.GetProperty("data").GetArrayLength()));
        Assert.Contains("are not what was sealed", await ProblemAsync(connection, "audit", "proof", "run_2"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_no_checkpoint_or_proof_or_one_of_others_is_a_problem_that_names_it()
    {
        var connection = await database.CreateAsync();
        await ImportAsync(connection, "run_1");
        var checkpoint = await KeepAsync("checkpoint.json", connection, "audit", "checkpoint");
        Assert.Contains("is a checkpoint of tenant *DEFAULT*, not of acme", await ProblemAsync(connection, "audit", "verify", "--tenant", "acme", "--checkpoint", checkpoint), StringComparison.Ordinal);
        Assert.Contains($"{checkpoint} is no proof", await ProblemAsync(null, "audit", "verify", "--proof", checkpoint), StringComparison.Ordinal);
        Assert.Contains("cannot be read", await ProblemAsync(connection, "audit", "verify", "--checkpoint", Path.Combine(_kept.FullName, "nothing")), StringComparison.Ordinal);

        var proof = await KeepAsync("proof.json", connection, "audit", "proof", "run_1");
        var forged = Path.Combine(_kept.FullName, "forged.json");
        await File.WriteAllTextAsync(forged, (await File.ReadAllTextAsync(proof)).Replace("queued", "failed", StringComparison.Ordinal));
        Assert.Contains("it is not what the checkpoint seals", (await Invocation.RunAsync(null, "audit", "verify", "--proof", forged)).Expect(1), StringComparison.Ordinal);
        await File.WriteAllTextAsync(forged, (await File.ReadAllTextAsync(checkpoint)).Replace("\"size\":1", "\"size\":-1", StringComparison.Ordinal));
        Assert.Contains($"{forged} is no checkpoint: its size is -1", await ProblemAsync(connection, "audit", "verify", "--checkpoint", forged), StringComparison.Ordinal);
        await File.WriteAllTextAsync(forged, """{"tenant":"*DEFAULT*","size":1,"root":"short"}""");
        Assert.Contains($"{forged} is no checkpoint: 'short' is not a SHA-256 digest", await ProblemAsync(connection, "audit", "verify", "--checkpoint", forged), StringComparison.Ordinal);
    }

    private static async Task<string> ProblemAsync(string? connection, params string[] arguments)
    {
        var ended = await Invocation.RunAsync(connection, arguments);
        Assert.Empty(ended.Expect(1));
        return Assert.Single(ended.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    private async Task<string> KeepAsync(string name, string connection, params string[] arguments)
    {
        var path = Path.Combine(_kept.FullName, name);
        await File.WriteAllTextAsync(path, (await Invocation.RunAsync(connection, arguments)).Expect(0));
        return path;
    }

    private static async Task ImportAsync(string connection, params string[] runs)
    {
        using var import = Invocation.Start(connection, "import", "-");
        foreach (var run in runs)
            await import.Input.WriteLineAsync(
                $$"""{"id":"{{run}}","object":"thread.run","created_at":1760000000,"thread_id":"thread_1","status":"queued","model":"gpt-4o","metadata":{} }""");
        import.Input.Close();
        (await import.EndAsync()).Expect(0);
    }
}
