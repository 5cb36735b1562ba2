using RunLedger.Domain.Runs;
using RunLedger.Domain.Tests.Samples;
using RunLedger.Domain.Usage;
using static RunLedger.Domain.Tests.Samples.RunSamples;

namespace RunLedger.Domain.Tests.Usage;

public class UsageContributionTests
{
    [Fact]
    public void The_changes_of_the_report_add_up_to_what_the_run_contributes_in_the_end_whatever_came_in_whatever_order() => Properties.Hold(
        RandomRuns.Wild,
        arrivals =>
        {
            var report = new Dictionary<UsageKey, UsageAmounts>();
            var run = new RecordedRun(arrivals.RunId);
            foreach (var observation in arrivals.All.Select(arrival => arrival.ObservationWithRequest))
            {
                if (run.State.Version > 0) Add(report, UsageContribution.Of(RunView.Of(run.State)), sign: -1);
                run.Observe(observation);
                Add(report, UsageContribution.Of(RunView.Of(run.State)), sign: 1);
            }

            var (key, amounts) = UsageContribution.Of(RunView.Of(run.History.Current));
            Assert.Equal([KeyValuePair.Create(key, amounts)], report.Where(bucket => bucket.Value != default));
        },
        arrivals => arrivals.Shorter());

    [Fact]
    public void Truthful_observations_contribute_the_same_in_whatever_order_they_arrive() => Properties.Hold(
        RandomRuns.Truthful,
        arrivals =>
        {
            var inOrder = new Arrivals([.. arrivals.All.OrderBy(arrival => arrival.At)]);
            Assert.Equal(UsageContribution.Of(RunView.Of(inOrder.Recorded().State)), UsageContribution.Of(RunView.Of(arrivals.Recorded().State)));
        },
        arrivals => arrivals.Shorter());

    [Fact]
    public void A_run_counts_in_the_hour_in_which_it_was_created_until_it_ends_and_then_in_that_one()
    {
        var run = RecordedRun.Of(Run().SeenAt(0));
        Assert.Equal(new DateTimeOffset(2025, 10, 30, 22, 0, 0, TimeSpan.Zero), Contribution(run).Key.Hour);

        run.Observe(Run().Started().Completed(at: 7_200).SeenAt(7_201));
        Assert.Equal(new DateTimeOffset(2025, 10, 31, 0, 0, 0, TimeSpan.Zero), Contribution(run).Key.Hour);
    }

    [Fact]
    public void The_bucket_is_that_of_the_model_the_assistant_and_the_api()
    {
        Assert.Equal(("gpt-4o", "asst_1", "thread.run"), Names(Run()));
        Assert.Equal(("gpt-4.1-mini-2025-04-14", "", "response"), Names(ResponseSamples.Response()));
        Assert.Equal(("", "", "thread.run"), Names(Run().Without("model").With("assistant_id", "null")));
    }

    [Fact]
    public void A_run_counts_once_and_under_its_outcome()
    {
        Assert.Equal(new UsageAmounts(1, 0, 0, 0, 0, 0, default), Amounts(Run()));
        Assert.Equal(new UsageAmounts(1, 1, 0, 0, 0, 0, new TokenUsage(627, 34, 661, 0, 0)), Amounts(Run().Completed()));
        Assert.Equal(new UsageAmounts(1, 0, 1, 0, 0, 0, new TokenUsage(100, 0, 100, 0, 0)), Amounts(Run().Failed()));
        Assert.Equal(new UsageAmounts(1, 0, 0, 1, 0, 0, new TokenUsage(100, 0, 100, 0, 0)), Amounts(Run().Cancelled()));
        Assert.Equal(new UsageAmounts(1, 0, 0, 0, 1, 0, new TokenUsage(100, 50, 150, 0, 0)), Amounts(Run().Incomplete()));
        Assert.Equal(new UsageAmounts(1, 0, 0, 0, 0, 1, new TokenUsage(100, 0, 100, 0, 0)), Amounts(Run().Expired()));
    }

    [Fact]
    public void No_more_tokens_count_as_read_from_a_cache_than_the_prompt_has_as_of_version_2()
    {
        var view = RunView.Of(RecordedRun.Of(Run().With("usage", """{"prompt_tokens":10,"prompt_token_details":{"cached_tokens":1000}}""").SeenAt(9)).State);

        Assert.Equal(10, UsageContribution.Of(view).Amounts.Tokens.Cached);
        Assert.Equal(1_000, UsageContribution.Of(view, [], version: 1).Amounts.Tokens.Cached);
    }

    private static (UsageKey Key, UsageAmounts Amounts) Contribution(RecordedRun run) => UsageContribution.Of(RunView.Of(run.State));

    private static UsageAmounts Amounts(SnapshotSample sample) => Contribution(RecordedRun.Of(sample.SeenAt(9))).Amounts;

    private static (string Model, string AssistantId, string Kind) Names(SnapshotSample sample) =>
        Contribution(RecordedRun.Of(sample.SeenAt(9))).Key is var key ? (key.Model, key.AssistantId, key.Kind) : default;

    private static void Add(Dictionary<UsageKey, UsageAmounts> report, (UsageKey Key, UsageAmounts Amounts) contribution, int sign) =>
        report[contribution.Key] = report.GetValueOrDefault(contribution.Key) + (sign > 0 ? contribution.Amounts : -contribution.Amounts);
}
