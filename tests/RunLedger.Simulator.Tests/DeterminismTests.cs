using RunLedger.Simulator.Assistants;

namespace RunLedger.Simulator.Tests;

public sealed class DeterminismTests
{
    [Fact]
    public async Task The_same_seed_requests_and_times_give_the_same_answers_letter_by_letter() =>
        Assert.Equal(await ObserveAsync(seed: 7), await ObserveAsync(seed: 7));

    [Fact]
    public async Task Another_seed_gives_other_runs() => Assert.NotEqual(await ObserveAsync(seed: 7), await ObserveAsync(seed: 8));

    [Fact]
    public async Task How_often_a_run_is_looked_at_changes_nothing()
    {
        await using var watched = await Service.StartAsync();
        await using var unwatched = await Service.StartAsync();
        var run = await watched.CreateRunAsync("completed");
        await unwatched.CreateRunAsync("completed");
        for (var second = 0; second < 60; second++)
        {
            await watched.RefreshAsync(run);
            watched.Time.Advance(TimeSpan.FromSeconds(1));
        }

        unwatched.Time.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal((await watched.RefreshAsync(run)).GetRawText(), (await unwatched.RefreshAsync(run)).GetRawText());
    }

    private static async Task<List<string>> ObserveAsync(int seed)
    {
        await using var service = await Service.StartAsync(new SimulatorOptions { Seed = seed });
        var answers = new List<string>();
        for (var i = 0; i < 30; i++)
        {
            var assistant = SimulatedAssistant.All[i % SimulatedAssistant.All.Count];
            var run = await service.PostAsync("threads/runs", new { assistant_id = assistant.Id });
            answers.Add(run.GetRawText());
            service.Time.Advance(TimeSpan.FromSeconds(25));
            run = await service.RefreshAsync(run);
            answers.Add(run.GetRawText());
            if (run.GetProperty("status").GetString() == "requires_action")
            {
                await service.SubmitAsync(run);
                service.Time.Advance(TimeSpan.FromSeconds(25));
                answers.Add((await service.RefreshAsync(run)).GetRawText());
            }
        }

        return answers;
    }
}
