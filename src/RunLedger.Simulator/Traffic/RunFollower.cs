using System.Text.Json;
using System.Text.Json.Nodes;

namespace RunLedger.Simulator.Traffic;

/// <summary>Follows one run to its end and does to it what its errand says.</summary>
internal sealed class RunFollower(AssistantsClient client, TrafficOptions options, Errand errand, CreatedRun run)
{
    private readonly string _path = $"threads/{run.ThreadId}/runs/{run.RunId}";
    private bool _modified = !errand.Modifies;
    private bool _cancelled = !errand.Cancels;

    /// <summary>The status in which the run ended.</summary>
    public async Task<string> FollowAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var seen = await client.GetAsync(_path, cancellationToken);
            var status = seen.GetProperty("status").GetString()!;
            if (status is "completed" or "failed" or "cancelled" or "expired" or "incomplete")
            {
                return status;
            }

            await ActAsync(seen, status, cancellationToken);
            await Task.Delay(options.PollInterval, options.Time, cancellationToken);
        }
    }

    private async Task ActAsync(JsonElement seen, string status, CancellationToken cancellationToken)
    {
        if (!_modified)
        {
            _modified = true;
            await client.PostAsync(_path, errand.ModifyRunRequest(), cancellationToken);
        }
        else if (!_cancelled && status is ("in_progress" or "requires_action"))
        {
            _cancelled = true;
            await client.TryPostAsync(_path + "/cancel", null, cancellationToken);
        }
        else if (status == "requires_action" && !errand.Abandons)
        {
            await Task.Delay(options.ToolTime, options.Time, cancellationToken);
            await client.TryPostAsync(_path + "/submit_tool_outputs", Outputs(seen), cancellationToken);
        }
    }

    private static JsonObject Outputs(JsonElement seen)
    {
        var outputs = new JsonArray();
        var action = seen.GetProperty("required_action").GetProperty("submit_tool_outputs");
        foreach (var call in action.GetProperty("tool_calls").EnumerateArray())
        {
            var function = call.GetProperty("function").GetProperty("name").GetString();
            var output = new JsonObject { ["function"] = function, ["ok"] = true, ["rows"] = new JsonArray(1, 2, 3) };
            outputs.Add(new JsonObject { ["tool_call_id"] = call.GetProperty("id").GetString(), ["output"] = output.ToJsonString() });
        }

        return new JsonObject { ["tool_outputs"] = outputs };
    }
}
