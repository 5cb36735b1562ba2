namespace RunLedger.Host.Tests.Api;

[Collection(TestDatabase.Collection)]
public sealed class ProjectionTests(TestApi api) : IClassFixture<TestApi>
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
