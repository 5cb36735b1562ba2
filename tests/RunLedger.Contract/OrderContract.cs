using RunLedger.Contract.Json;
using RunLedger.Contract.Samples;
using RunLedger.Domain.Observations;
using RunLedger.Domain.Runs;

namespace RunLedger.Contract;

/// <summary>G3: what arrives late never moves a run backwards, and is not lost. G10: what nobody knows yet is recorded.</summary>
public abstract class OrderContract(EngineDatabase database) : LedgerContract(database)
{
    [Fact]
    public async Task A_late_observation_is_kept_at_its_time_and_its_tool_calls_are_not_lost()
    {
        var run = RunJson.Queued("run_1").Started(1);
        var late = Tenant.Seen(run.RequiresAction("call_late"), 3);
        await RecordAsync(run, 1);
        await RecordAsync(run.Completed(9), 10);
        var receipt = (await RecordAsync(late))[0];

        Assert.Equal(Outcome.Late, receipt.Outcome);
        await GivesBackAsync(late, receipt);
        var view = await ViewAsync("run_1");
        Assert.Equal(("completed", 1, 1, Observed.At(10)), (view.Status, view.ToolCalls, view.LateObservations, view.LastObservedAt));
        JsonAssert.DeepEqual($"{run.Completed(9)}", await Ledger.Runs.CurrentAsync(Tenant, new RunId("run_1"), CancellationToken.None));
    }

    [Fact]
    public async Task What_is_older_than_a_poll_that_showed_nothing_new_is_late_as_well()
    {
        var run = RunJson.Queued("run_1").Started(1);
        var late = Tenant.Seen(RunJson.Queued("run_1"), 3);
        await RecordAsync(run, 1);
        Assert.Equal(Outcome.Unchanged, (await RecordAsync(Tenant.Seen(run, 5)))[0].Outcome);
        var receipt = (await RecordAsync(late))[0];
        Assert.Equal(Outcome.Unchanged, (await RecordAsync(Tenant.Seen(run, 5)))[0].Outcome);

        Assert.Equal(Outcome.Late, receipt.Outcome);
        await GivesBackAsync(late, receipt);
        var view = await ViewAsync("run_1");
        Assert.Equal(("in_progress", 1, Observed.At(5)), (view.Status, view.LateObservations, view.LastObservedAt));
        JsonAssert.DeepEqual($"{run}", await Ledger.Runs.AsOfAsync(Tenant, new RunId("run_1"), Observed.At(5), CancellationToken.None));
        JsonAssert.DeepEqual($"{RunJson.Queued("run_1")}", await Ledger.Runs.AsOfAsync(Tenant, new RunId("run_1"), Observed.At(4), CancellationToken.None));
        await Recomputation.AssertHoldsAsync(Ledger.DataSource);
    }

    [Fact]
    public async Task What_is_older_than_an_end_that_was_seen_again_is_late_as_well()
    {
        var ended = RunJson.Queued("run_1").Completed(9);
        var late = Tenant.Seen(ended.With("metadata", """{"note":"1"}"""), 15);
        await RecordAsync(ended, 10);
        Assert.Equal(Outcome.Unchanged, (await RecordAsync(ended, 20)).Outcome);
        var receipt = (await RecordAsync(late))[0];
        Assert.Equal((Outcome.Unchanged, 3), ((await RecordAsync(ended, 21)).Outcome, (await HistoryAsync("run_1")).Events.Count));

        Assert.Equal(Outcome.Late, receipt.Outcome);
        await GivesBackAsync(late, receipt);
        Assert.Equal(Observed.At(20), (await ViewAsync("run_1")).LastObservedAt);
        JsonAssert.DeepEqual($"{ended}", await Ledger.Runs.CurrentAsync(Tenant, new RunId("run_1"), CancellationToken.None));

        var modified = Tenant.Seen(ended.With("metadata", """{"note":"2"}"""), 25);
        await GivesBackAsync(modified, (await RecordAsync(modified))[0]);
        JsonAssert.DeepEqual($"{modified.Observation.Snapshot.Json}", await Ledger.Runs.CurrentAsync(Tenant, new RunId("run_1"), CancellationToken.None));
        await Recomputation.AssertHoldsAsync(Ledger.DataSource);
    }

    [Fact]
    public async Task A_run_is_shown_as_it_was_at_any_time_late_observations_included()
    {
        var run = RunJson.Queued("run_1");
        var (queued, started, waiting, done) = (run, run.Started(2), run.Started(2).RequiresAction("call_1"), run.Started(2).Completed(9));
        await RecordAsync([Tenant.Seen(queued, 1), Tenant.Seen(done, 10), Tenant.Seen(waiting, 6), Tenant.Seen(started, 3)]);

        await ShowsAsync(null, 0.5);
        await ShowsAsync(queued, 1);
        await ShowsAsync(queued, 2.9);
        await ShowsAsync(started, 3);
        await ShowsAsync(waiting, 7);
        await ShowsAsync(done, 10);
        await ShowsAsync(done, 1_000);

        async Task ShowsAsync(RunJson? expected, double second)
        {
            var shown = await Ledger.Runs.AsOfAsync(Tenant, new RunId("run_1"), Observed.At(second), CancellationToken.None);
            if (expected is null) Assert.Null(shown);
            else JsonAssert.DeepEqual($"{expected}", shown);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_end_of_a_run_is_the_same_in_whatever_order_its_observations_come(bool together)
    {
        for (var order = 0; order < 24; order++)
        {
            var id = $"run_{order}";
            var run = RunJson.Queued(id);
            RunJson[] life = [run, run.Started(1), run.Started(1).RequiresAction("c"), run.Started(1).Completed(4)];
            var sent = life.Select((json, second) => Tenant.Seen(json, second + 1)).ToList();
            if (together) await RecordAsync([.. Permutation(sent, order)]);
            else
                foreach (var one in Permutation(sent, order)) await RecordAsync(one);

            var view = await ViewAsync(id);
            Assert.Equal((order, "completed", 15L, 1), (order, view.Status, view.Usage!.Value.Total, view.ToolCalls));
            Assert.Equal(Observed.At(4), view.EndedAt);
            JsonAssert.DeepEqual($"{life[3]}", await Ledger.Runs.CurrentAsync(Tenant, new RunId(id), CancellationToken.None));
        }
        await Recomputation.AssertHoldsAsync(Ledger.DataSource);
    }

    [Fact]
    public async Task A_run_that_comes_alive_after_its_end_is_withheld_as_a_contradiction()
    {
        var run = RunJson.Queued("run_1").Started(1);
        await RecordAsync(run.Completed(5), 6);
        var alive = Tenant.Seen(run, 8);
        var receipt = (await RecordAsync(alive))[0];

        Assert.Equal(["contradiction_observed"], receipt.Events);
        await GivesBackAsync(alive, receipt);
        Assert.Equal(("completed", 1), ((await ViewAsync("run_1")).Status, (await ViewAsync("run_1")).Contradictions));
    }

    [Fact]
    public async Task An_unknown_status_tool_type_and_field_are_recorded_and_shown_in_the_view()
    {
        var strange = Tenant.Seen(
            RunJson.Queued("run_1").With("status", "\"paused_for_moonlight\"").With("tools", """[{"type":"telepathy"}]""").With("brand_new", "{}"), 1);
        var receipt = (await RecordAsync(strange))[0];

        Assert.Equal(Outcome.Recorded, receipt.Outcome);
        await GivesBackAsync(strange, receipt);
        var view = await ViewAsync("run_1");
        Assert.Equal(("paused_for_moonlight", null), (view.Status, view.EndedAt));
        var page = await Ledger.Runs.ListAsync(Tenant, new() { Status = "paused_for_moonlight" }, 10, null, CancellationToken.None);
        Assert.Equal(["run_1"], page.Runs.Select(run => run.RunId));
    }

    [Fact]
    public async Task A_response_is_recorded_beside_runs_with_its_conversation_as_thread()
    {
        var response = $$$"""
            {"id": "resp_1", "object": "response", "created_at": {{{Observed.At(0).ToUnixTimeSeconds()}}}, "status": "completed", "model": "o3",
             "conversation": {"id": "conv_1"}, "output": [{"type": "function_call", "call_id": "call_1", "name": "f", "arguments": "{}"}],
             "usage": {"input_tokens": 7, "output_tokens": 3, "total_tokens": 10,
               "input_tokens_details": {"cached_tokens": 2}, "output_tokens_details": {"reasoning_tokens": 1} } }
            """;
        var seen = Tenant.Seen(response, 3);
        await GivesBackAsync(seen, (await RecordAsync(seen))[0]);

        var view = await ViewAsync("resp_1");
        Assert.Equal(("response", "conv_1", 1, new(7, 3, 10, 2, 1)), (view.Kind, view.ThreadId, view.ToolCalls, view.Usage!.Value));
    }

    private static IEnumerable<T> Permutation<T>(List<T> items, int number)
    {
        var left = items.ToList();
        for (; left.Count > 0; number /= left.Count + 1)
        {
            var index = number % left.Count;
            yield return left[index];
            left.RemoveAt(index);
        }
    }
}
