using RunLedger.Domain.Observations;
using RunLedger.Postgres.Recording;

namespace RunLedger.Contract.Samples;

/// <summary>Random lives of runs, as observers that drop, repeat, delay and reorder deliver them.</summary>
public static class RandomHistory
{
    private static readonly string[] Ends = ["completed", "failed", "cancelled", "incomplete", "expired"];
    private static readonly string[] Models = ["gpt-4o", "gpt-4o-mini", "o3", ""];

    /// <summary>Observations of one run in the order in which they are delivered, with the text of each.</summary>
    /// <param name="random">Where chance comes from.</param>
    /// <param name="tenant">Whose run.</param>
    /// <param name="runId">The run's id.</param>
    /// <param name="nasty">Whether fields get random JSON values.</param>
    public static IReadOnlyList<Submission.Observed> Of(Random random, TenantId tenant, string runId, bool nasty = true)
    {
        var basis = random.Next(4) == 0 ? TimeBasis.Assumed : TimeBasis.Stated;
        var seen = new List<Submission.Observed>();
        foreach (var (json, second) in Life(random, runId, nasty))
        {
            var polls = random.Next(4) == 0 ? 2 : 1;
            for (var poll = 0; poll < polls; poll++)
                if (random.Next(5) > 0 || seen.Count == 0) seen.Add(tenant.Seen(json, second + (0.25 * poll), basis));
        }
        seen.AddRange(seen.Where(_ => random.Next(5) == 0).ToList());
        var disorder = random.Next(3) * 3;
        var places = seen.Select((_, index) => index + (random.NextDouble() * disorder)).ToList();
        return [.. seen.Zip(places).OrderBy(item => item.Second).Select(item => item.First)];
    }

    private static IEnumerable<(RunJson Json, double Second)> Life(Random random, string runId, bool nasty)
    {
        double second = random.Next(200_000);
        var run = RunJson.Queued(runId, second, $"thread_{random.Next(3)}", Models[random.Next(Models.Length)], $"asst_{random.Next(3)}")
            .With("metadata", $$"""{"team":"{{(char)('a' + random.Next(3))}}"}""");
        yield return (run = Strange(random, run, nasty), second += 1);
        yield return (run = Strange(random, run.Started(second), nasty), second += random.Next(1, 4_000));
        for (var round = random.Next(3); round > 0; round--)
        {
            var arguments = nasty ? $"\"{RandomJson.Text(random)}\"" : "\"{}\"";
            yield return (run = Strange(random, run.RequiresAction($"call_{round}", arguments), nasty), second += 2);
            yield return (run = Strange(random, run.Requeued(), nasty), second += 1);
            yield return (run = Strange(random, run.Started(second), nasty), second += 2);
        }
        if (random.Next(6) == 0) yield break;
        var end = Ends[random.Next(Ends.Length)];
        run = end == "completed" ? run.Completed(second, random.Next(5_000), random.Next(500)) : run.Ended(end).WithUsage(random.Next(900), random.Next(90));
        yield return (Strange(random, run, nasty), second + 1);
    }

    private static RunJson Strange(Random random, RunJson run, bool nasty)
    {
        if (!nasty) return run;
        for (var i = random.Next(3); i > 0; i--)
        {
            var name = random.Next(3) == 0 ? "instructions" : $"x{RandomJson.Text(random)}";
            run = random.Next(4) switch
            {
                0 => run.Without(name),
                1 => run.And(name, RandomJson.Value(random)),
                _ => run.With(name, RandomJson.Value(random)),
            };
        }
        return random.Next(4) == 0 ? run.With("metadata", RandomJson.Object(random)) : run;
    }
}
