using System.Globalization;
using System.Text;

namespace RunLedger.Bench;

/// <summary>
/// Made-up runs, each polled several times: queued, working, calling a tool, queued again, working again, done. Seeded, so that two runs of the
/// bench measure the same.
/// </summary>
/// <param name="Runs">How many runs.</param>
/// <param name="PollsPerRun">How many polls of each; those beyond <see cref="ChangesPerRun"/> show nothing new.</param>
/// <param name="ConfigurationBytes">The size of the instructions and tools in every snapshot.</param>
/// <param name="Assistants">How many different instructions and tools there are.</param>
/// <param name="Prefix">What run ids begin with, so that workloads do not meet.</param>
internal sealed record Workload(int Runs, int PollsPerRun, int ConfigurationBytes, int Assistants, string Prefix)
{
    /// <summary>How many of a run's polls show something new.</summary>
    public const int ChangesPerRun = 6;

    /// <summary>How many events a run makes: that its tool outputs were submitted is inferred.</summary>
    public const int EventsPerRun = 7;

    private const long Epoch = 1_760_000_000;

    private readonly string[] _configurations = [.. Enumerable.Range(0, Assistants).Select(assistant => Configuration(assistant, ConfigurationBytes))];

    /// <summary>All observations as envelopes: run after run, poll after poll.</summary>
    public IEnumerable<byte[]> Envelopes()
    {
        for (var run = 0; run < Runs; run++)
            for (var poll = 0; poll < PollsPerRun; poll++)
                yield return Envelope(run, poll);
    }

    /// <summary>Writes all observations to a file, one a line.</summary>
    /// <returns>The bytes of the observations.</returns>
    public async Task<long> WriteAsync(string path)
    {
        await using var file = File.Create(path, 1 << 20);
        foreach (var envelope in Envelopes())
        {
            file.Write(envelope);
            file.WriteByte((byte)'\n');
        }
        return file.Length;
    }

    /// <summary>One poll of one run.</summary>
    public byte[] Envelope(int run, int poll)
    {
        var created = Epoch + run / 10;
        var observedAt = DateTimeOffset.FromUnixTimeSeconds(created).AddSeconds(2 + poll * 3).ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
        return Encoding.UTF8.GetBytes($"{{\"observed_at\":\"{observedAt}\",\"source\":\"poll\",\"snapshot\":{Snapshot(run, poll, created)}}}");
    }

    private string Snapshot(int run, int poll, long created)
    {
        // Polls that show nothing new are spread over the states: with twelve polls each state is seen twice.
        var state = poll * ChangesPerRun / PollsPerRun;
        var assistant = run % Assistants;
        var (status, started, done) = state switch
        {
            0 => ("queued", "null", false),
            1 => ("in_progress", $"{created + 3}", false),
            2 => ("requires_action", $"{created + 3}", false),
            3 => ("queued", $"{created + 3}", false),
            4 => ("in_progress", $"{created + 14}", false),
            _ => ("completed", $"{created + 14}", true),
        };
        var action = state != 2 ? "null"
            : $$$"""{"type":"submit_tool_outputs","submit_tool_outputs":{"tool_calls":[{"id":"call_{{{Prefix}}}{{{run}}}","type":"function","function":{"name":"look_up","arguments":"{\"order\":\"{{{run}}}\"}"}}]}}""";
        var prompt = 300 + run % 700;
        var usage = !done ? "null"
            : $$$"""{"prompt_tokens":{{{prompt}}},"completion_tokens":{{{40 + run % 90}}},"total_tokens":{{{prompt + 40 + run % 90}}},"prompt_token_details":{"cached_tokens":{{{run % 200}}}},"completion_tokens_details":{"reasoning_tokens":0}}""";
        return $$$"""{"id":"run_{{{Prefix}}}{{{run:D9}}}","object":"thread.run","created_at":{{{created}}},"assistant_id":"asst_{{{Prefix}}}{{{assistant}}}","thread_id":"thread_{{{Prefix}}}{{{run / 4:D8}}}","status":"{{{status}}}","started_at":{{{started}}},"expires_at":{{{(done ? "null" : $"{created + 600}")}}},"cancelled_at":null,"failed_at":null,"completed_at":{{{(done ? $"{created + 17}" : "null")}}},"required_action":{{{action}}},"last_error":null,"model":"gpt-4o-mini",{{{_configurations[assistant]}}},"tool_resources":{},"metadata":{"team":"team-{{{run % 7}}}"},"temperature":1.0,"top_p":1.0,"reasoning_effort":null,"max_completion_tokens":null,"max_prompt_tokens":null,"truncation_strategy":{"type":"auto","last_messages":null},"incomplete_details":null,"usage":{{{usage}}},"response_format":"auto","tool_choice":"auto","parallel_tool_calls":true}""";
    }

    private static string Configuration(int assistant, int bytes)
    {
        var random = new Random(assistant);
        string Words(int length)
        {
            var text = new StringBuilder();
            while (text.Length < length) text.Append(Vocabulary[random.Next(Vocabulary.Length)]).Append(' ');
            return text.ToString(0, length);
        }

        var tools = $$$$"""[{"type":"function","function":{"name":"look_up","description":"{{{{Words(Math.Max(10, bytes / 4))}}}}","parameters":{"type":"object","properties":{"order":{"type":"string","description":"{{{{Words(20)}}}}"}}},"strict":false}}]""";
        return $"\"instructions\":\"{Words(Math.Max(10, bytes - tools.Length))}\",\"tools\":{tools}";
    }

    private static readonly string[] Vocabulary =
        "answer customer order number politely never promise refund before checking state shipment carrier address ask again when unsure use tool data only short sentences".Split(' ');
}
