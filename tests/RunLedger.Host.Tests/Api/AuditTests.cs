using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using RunLedger.Domain.Audit;
using RunLedger.Domain.Json;

namespace RunLedger.Host.Tests.Api;

[Collection(TestDatabase.Collection)]
public sealed class AuditTests(TestDatabase database)
{
    [Fact]
    public async Task A_checkpoint_seals_what_is_there_and_a_proof_can_be_checked_by_what_it_says_alone()
    {
        await using var api = await RunningApi.StartAsync(database);
        var before = await api.Client.GetJsonAsync("/v1/audit/checkpoint");
        Assert.Equal(
            """{"object":"audit.checkpoint","tenant":"*DEFAULT*","size":0,"root":"47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU"}""", before.GetRawText());

        var instructions = new string('i', 3_000);
        await api.Client.PushAsync(Samples.Run("run_1", "queued", change: run => run["instructions"] = instructions), Samples.Run("run_2", "queued"));
        var kept = await api.Client.GetJsonAsync("/v1/audit/checkpoint");
        await api.Client.PushAsync(Samples.Run("run_1", change: run => run["instructions"] = instructions));
        var now = await api.Client.GetJsonAsync("/v1/audit/checkpoint");
        Assert.True(now.GetProperty("size").GetInt64() > kept.GetProperty("size").GetInt64());

        var proof = await api.Client.GetJsonAsync("/v1/audit/proof/run_1");
        Assert.Equal(("audit.proof", "run_1", 0), (proof.GetProperty("object").GetString(), proof.GetProperty("run_id").GetString(), proof.GetProperty("later_events").GetInt32()));
        Assert.Equal(now.GetRawText(), proof.GetProperty("checkpoint").GetRawText());
        Assert.Contains(proof.GetProperty("contents").EnumerateObject(), content => content.Value.GetString() == $"\"{instructions}\"");
        Verify(proof, events: 3);

        var earlier = await api.Client.GetJsonAsync($"/v1/audit/proof/run_1?size={kept.GetProperty("size").GetInt64()}");
        Assert.Equal(kept.GetRawText(), earlier.GetProperty("checkpoint").GetRawText());
        Assert.Equal(2, earlier.GetProperty("later_events").GetInt32());
        Verify(earlier, events: 1);
    }

    [Fact]
    public async Task What_cannot_be_proven_is_answered_with_a_problem()
    {
        await using var api = await RunningApi.StartAsync(database);
        await api.Client.PushAsync(Samples.Run("run_1"));
        await api.Client.ProblemAsync(404, "/v1/audit/proof/run_9");
        await api.Client.ProblemAsync(400, "/v1/audit/checkpoint?size=1");
        foreach (var size in (string[])["0", "-1", "x", "1000"])
            Assert.Equal("size", (await api.Client.ProblemAsync(400, $"/v1/audit/proof/run_1?size={size}")).GetProperty("parameter").GetString());

        await api.Client.GetJsonAsync("/v1/audit/checkpoint");
        await using (var forgery = api.Ledger.DataSource.CreateCommand("update runledger.mt_events set data = '{}' where version = 1")) await forgery.ExecuteNonQueryAsync();
        var problem = await api.Client.ProblemAsync(500, "/v1/audit/proof/run_1");
        Assert.Contains("are not what was sealed", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        await using (var damage = api.Ledger.DataSource.CreateCommand("update runledger.audit_tiles set hashes = '\\x00'")) await damage.ExecuteNonQueryAsync();
        problem = await api.Client.ProblemAsync(500, "/v1/audit/checkpoint");
        Assert.Contains("is damaged", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    // As somebody would who has read the documentation alone.
    private static void Verify(JsonElement proof, int events)
    {
        var (size, root) = (proof.GetProperty("checkpoint").GetProperty("size").GetInt64(), proof.GetProperty("checkpoint").GetProperty("root").GetString());
        var version = 0;
        foreach (var proven in proof.GetProperty("events").EnumerateArray())
        {
            var entry = JsonNode.Parse(proven.GetProperty("entry").GetString()!)!;
            Assert.Equal(("run_1", ++version), ((string?)entry["run_id"], (int?)entry["version"]));
            var hash = Digest.Of([0, .. Encoding.UTF8.GetBytes(proven.GetProperty("entry").GetString()!)]);
            var (node, last) = (proven.GetProperty("index").GetInt64(), size - 1);
            foreach (var step in proven.GetProperty("path").EnumerateArray().Select(step => Digest.Parse(step.GetString())))
            {
                var isRight = node % 2 == 1 || node == last;
                hash = isRight ? MerkleTree.Node(step, hash) : MerkleTree.Node(hash, step);
                while (isRight && node % 2 == 0 && node > 0) (node, last) = (node / 2, last / 2);
                (node, last) = (node / 2, last / 2);
            }
            Assert.Equal((root, 0), (hash.ToString(), last));
        }
        Assert.Equal(events, version);
    }
}
