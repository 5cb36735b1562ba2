using RunLedger.Domain.Observations;
using RunLedger.Postgres.Recording;

namespace RunLedger.Host.Tests.Api;

[Collection(TestDatabase.Collection)]
public sealed class ProjectionTests(TestApi api, TestDatabase database) : IClassFixture<TestApi>
{
    [Fact]
    public async Task Projections_are_listed_with_what_they_are_derived_by()
    {
        var list = await api.Client.GetJsonAsync("/v1/projections");
        Assert.Equal(["runs", "usage"], list.Ids("name"));
        Assert.All(list.GetProperty("data").EnumerateArray(), view => Assert.Equal("current", view.GetProperty("state").GetString()));
    }

    [Fact]
    public async Task A_rebuild_that_is_asked_for_is_accepted_and_one_of_no_projection_is_not()
    {
        using var accepted = await api.Client.PostAsync("/v1/projections/usage/rebuild", null);
        Assert.Equal((202, "/v1/projections"), ((int)accepted.StatusCode, accepted.Headers.Location?.ToString()));
        await (await api.Client.PostAsync("/v1/projections/nothing/rebuild", null)).ProblemAsync(404);
        await api.Client.ProblemAsync(400, "/v1/projections?x=1");
    }

    [Fact]
    public async Task Why_a_rebuild_failed_names_no_run_of_another_tenant()
    {
        await using var running = await RunningApi.StartAsync(database);
        var acme = new TenantId("acme");
        var snapshot = Snapshot.Read(System.Text.Encoding.UTF8.GetBytes(Samples.Run("run_secret"))).Value!;
        var observation = new Observation(snapshot, DateTimeOffset.UnixEpoch, TimeBasis.Stated, "test");
        await running.Ledger.Recorder.RecordAsync([new Submission.Observed(acme, observation, "")], CancellationToken.None);
        await using (var damage = running.Ledger.DataSource.CreateCommand("delete from runledger.mt_events where version = 2")) await damage.ExecuteNonQueryAsync();
        await Assert.ThrowsAsync<InvalidDataException>(() => running.Ledger.Projections.RebuildAsync(
            new(true, true, Postgres.Replay.ViewVersions.OfThisProgram, []), _ => { }, CancellationToken.None));

        var list = await running.Client.GetJsonAsync("/v1/projections");

        Assert.Contains("run_secret", (await running.Ledger.Projections.StatusAsync(CancellationToken.None)).Rebuild!.Failure, StringComparison.Ordinal);
        Assert.Contains("failed", list.GetProperty("rebuild").GetProperty("failure").GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain("run_secret", list.GetRawText(), StringComparison.Ordinal);
        Assert.DoesNotContain("acme", list.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_rebuild_under_way_is_shown_and_a_second_one_refused()
    {
        var seen = new TaskCompletionSource();
        using var interruption = new CancellationTokenSource();
        var rebuild = Assert.ThrowsAnyAsync<OperationCanceledException>(() => api.Ledger.Projections.RebuildAsync(
            new(true, true, Postgres.Replay.ViewVersions.OfThisProgram, []),
            progress =>
            {
                if (progress.Phase != "indexing") return;
                seen.TrySetResult();
                interruption.Token.WaitHandle.WaitOne();
            },
            interruption.Token));
        await seen.Task;
        var under = (await api.Client.GetJsonAsync("/v1/projections")).GetProperty("rebuild");
        Assert.Equal((true, "indexing", 1.0), (under.GetProperty("running").GetBoolean(), under.GetProperty("phase").GetString(), under.GetProperty("progress").GetDouble()));
        await (await api.Client.PostAsync("/v1/projections/runs/rebuild", null)).ProblemAsync(409);
        await interruption.CancelAsync();
        await rebuild;
    }
}
