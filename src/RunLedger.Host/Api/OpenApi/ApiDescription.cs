using System.Text.Json.Nodes;
using Microsoft.OpenApi;
using RunLedger.Host.Api.Audit;
using RunLedger.Host.Api.Feed;
using RunLedger.Host.Api.Observations;
using RunLedger.Host.Api.OrganizationUsage;
using RunLedger.Host.Api.Pricing;
using RunLedger.Host.Api.Projections;
using RunLedger.Host.Api.Quarantine;
using RunLedger.Host.Api.Runs;
using RunLedger.Host.Api.Usage;
using RunLedger.Host.Polling;

namespace RunLedger.Host.Api.OpenApi;

/// <summary>The operations of the API in words.</summary>
internal static class ApiDescription
{
    private const string RunId = "The id of a run or a response.";

    private static readonly QueryParameter Since = Text("since", "The earliest time: RFC 3339, a date, or seconds since the epoch.");
    private static readonly QueryParameter Until = Text("until", "The time before which: RFC 3339, a date, or seconds since the epoch.");
    private static readonly QueryParameter Model = Text("model", "The model; empty for runs that name none.");
    private static readonly QueryParameter Assistant = Text("assistant_id", "The assistant; empty for runs that name none.");
    private static readonly QueryParameter AssistantAlias = Text("assistant", "Another name of `assistant_id`.");
    private static readonly QueryParameter Thread = Text("thread_id", "The thread, or the conversation of responses; empty for those that name none.");
    private static readonly QueryParameter ThreadAlias = Text("thread", "Another name of `thread_id`.");
    private static readonly QueryParameter Kind = Word("kind", "The API's object.", "thread.run", "response");
    private static readonly QueryParameter Metadata = new(
        "metadata",
        "Metadata that a run must have, any number of times: `metadata=KEY=VALUE`; `metadata.KEY=VALUE` says the same. VALUE is the text, of a "
            + "number too; empty for runs without.",
        new OpenApiSchema { Type = JsonSchemaType.Array, Items = new OpenApiSchema { Type = JsonSchemaType.String } });
    private static readonly QueryParameter Resolve = Flag(
        "resolve", "Whether large values are looked up; otherwise they are `{\"$content\": sha256, \"bytes\": n}`.", standard: false);
    private static readonly QueryParameter AtVersion = Whole("at_version", "The version of the history as of which to answer.", null, null);
    private static readonly QueryParameter AsOf = Text("as_of", "The time as of which to answer; not together with at_version.");

    public static OperationDescription PushObservations { get; } = new(
        "pushObservations",
        "Record observations",
        "The body is a snapshot of a run or a response, an envelope `{\"observed_at\",\"source\",\"snapshot\"}`, an array of either, a list "
        + "object, or NDJSON of either. The answer comes once all of it is committed. Items that cannot be recorded are kept in quarantine. A body that "
        + "is too large or has too many items (`Api:LargestBody`, `Api:MostItems`) is answered with 413, and nothing of it is recorded.",
        typeof(ReceiptList))
    {
        Tag = "Observations",
        Body = new Dictionary<string, string> { ["application/json"] = WireSchemas.Observations, [JsonLines.Type] = WireSchemas.Observation },
        Problems = [400, 413, 415, 503],
    };

    public static OperationDescription ListThreadRuns { get; } = new(
        "listThreadRuns", "List the runs of a thread", "As the Assistants API lists them, each as last observed.", null)
    {
        AnswerOfApi = WireSchemas.RunList,
        Path = new Dictionary<string, string> { ["thread_id"] = "The id of the thread." },
        Query =
        [
            Whole("limit", "The most runs to list.", 20, 100),
            Word("order", "By creation; `desc` is newest first.", "desc", "asc"),
            Text("after", "The id of the run after which the page begins, in the order listed."),
            Text("before", "The id of the run before which the page ends, in the order listed."),
        ],
        Problems = [400, 503],
    };

    public static OperationDescription ReadThreadRun { get; } = new(
        "readThreadRun", "Read a run", "The run as the Assistants API showed it: as last observed, at a version of its history, or as of a time.", null)
    {
        AnswerOfApi = WireSchemas.Run,
        Path = new Dictionary<string, string> { ["thread_id"] = "The id of the thread.", ["run_id"] = "The id of the run." },
        Query = [AtVersion, AsOf],
        Problems = [400, 404, 503],
    };

    public static OperationDescription ReadResponse { get; } = new(
        "readResponse", "Read a response", "The response as the Responses API showed it: as last observed, at a version of its history, or as of a time.", null)
    {
        AnswerOfApi = WireSchemas.Response,
        Path = new Dictionary<string, string> { ["response_id"] = "The id of the response." },
        Query = [AtVersion, AsOf],
        Problems = [400, 404, 503],
    };

    public static OperationDescription ListRuns { get; } = new(
        "listRuns", "List runs", "The rows of runs and responses, newest first.", typeof(RunList))
    {
        Query =
        [
            Text("status", "The status."), Model, Assistant, AssistantAlias, Thread, ThreadAlias, Kind, Metadata, Since, Until,
            Whole("limit", "The most runs to list.", 100, 1_000), Text("cursor", "The `next_cursor` of the page before."),
        ],
        Problems = [400, 503],
    };

    public static OperationDescription FindRun { get; } = new("findRun", "Find a run", "The row of a run or a response.", typeof(RunAnswer))
    {
        Path = new Dictionary<string, string> { ["run_id"] = RunId },
        Problems = [404, 503],
    };

    public static OperationDescription ReadHistory { get; } = new(
        "readHistory",
        "Read the history of a run",
        "What happened, when, when the ledger learnt of it, and whether that was seen or inferred.",
        typeof(EventList))
    {
        Path = new Dictionary<string, string> { ["run_id"] = RunId },
        Query = [Resolve],
        Problems = [400, 404, 503],
    };

    public static OperationDescription FollowEvents { get; } = new(
        "followEvents",
        "Follow the events",
        "The events of the tenant in the order in which they were committed, each exactly once, one a line; between them lines "
        + "`{\"object\":\"position\",\"position\",\"at_head\"}` that say how far the feed got: once at the head, while it is idle, and at the end. A client that "
        + "lost its connection goes on after the last position that it saw. As server-sent events each has its position as id, and `Last-Event-ID` "
        + "says where to go on.",
        typeof(EventAnswer))
    {
        Tag = "Events",
        Query =
        [
            Text("after", "The position after which to begin, 0 for the first event, or `head` for only what is committed from now on."),
            Text("type", "A list with commas of event types; all without it."),
            Flag("follow", "Whether to stay and wait for more at the head; otherwise the answer ends there.", standard: true),
            Whole("limit", "The most events to send.", null, null),
            Resolve,
        ],
        MediaType = JsonLines.Type,
        OtherAnswers = [ServerSentLines.Type],
        Problems = [400, 503],
    };

    public static OperationDescription ReportUsage { get; } = new(
        "reportUsage",
        "Report token usage",
        "A run counts at the time at which it ended, or was created while it has not. The cost is that of the tokens whose price is known.",
        typeof(UsageReport))
    {
        Tag = "Usage",
        Query =
        [
            Text("group_by", $"A list with commas of {UsageColumn.AllNames}; a key with a comma as `\"metadata.KEY\"`."),
            Since, Until, Model, Assistant, AssistantAlias, Thread, ThreadAlias, Kind, Metadata,
        ],
        OtherAnswers = ["text/csv"],
        Problems = [400, 503],
    };

    public static OperationDescription ReportCompletions { get; } = new(
        "reportCompletions",
        "Report token usage in buckets of time",
        "The figures of `/v1/usage` as OpenAI's organization usage API shows them, for tools that read that API. A request is a run or a response that ended. Of "
        + "projects, users, keys, batches and service tiers the ledger knows nothing: they are null, grouped by or not, and filters on them are refused.",
        typeof(CompletionsPage))
    {
        Tag = "Usage",
        Query =
        [
            Seconds("start_time", "The earliest time, in seconds since the epoch; the report begins with its minute.") with { IsRequired = true },
            Seconds("end_time", "The time before which usage counts, in seconds since the epoch; now without it."),
            Word("bucket_width", "How long a bucket is; a day without it. Buckets begin at whole minutes, hours or days, UTC.", "1m", "1h", "1d"),
            List("group_by", "What to group by; also as `group_by[]`, or with commas.", OrganizationUsage.ReportCompletions.Groups),
            List("models", "The models to count; also as `models[]`, or with commas."),
            Whole("limit", "The most buckets: of days 7 and up to 31, of hours 24 and up to 168, of minutes 60 and up to 1,440.", null, 1_440),
            Text("page", "The `next_page` of the page before; all else as it was."),
        ],
        Problems = [400, 503],
    };

    public static OperationDescription ListPrices { get; } = new(
        "listPrices", "List the prices", "What tokens cost, by model and time, in US dollars.", typeof(PriceListAnswer))
    {
        Tag = "Usage",
        Problems = [400, 503],
    };

    public static OperationDescription SetPrices { get; } = new(
        "setPrices",
        "Set prices",
        "The body is a price `{\"model\",\"from\",\"prompt_per_million\",\"cached_per_million\",\"completion_per_million\"}`, an array or a list object of such, or "
        + "LiteLLM's price map. New ones are added, those that are there for the same model and time are corrected, and with them all reports. All are taken "
        + "in, or none.",
        typeof(PriceChangesAnswer))
    {
        Tag = "Usage",
        Query =
        [
            Text("from", "Since when a price holds that does not say so itself, a whole hour; without it since ever."),
            Text("provider", "Of a price map, only the entries with this `litellm_provider`."),
        ],
        Body = new Dictionary<string, string> { ["application/json"] = WireSchemas.Prices },
        Problems = [400, 413, 415, 503],
    };

    public static OperationDescription RemovePrices { get; } = new(
        "removePrices", "Remove prices", "Removes the prices of a model or a pattern, or only the one that begins at a time.", typeof(PricesRemovedAnswer))
    {
        Tag = "Usage",
        Query = [Text("model", "The model or the pattern, as it was given.") with { IsRequired = true }, Text("from", "Only the price that begins then.")],
        Problems = [400, 503],
    };

    public static OperationDescription AddWatch { get; } = new(
        "addWatch",
        "Watch a run or a thread",
        "A run is polled to its end, a thread looked through for runs. 201 if it was not watched before, 200 if it was.",
        typeof(WatchRequest))
    {
        Tag = "Watches",
        Body = new Dictionary<string, string> { ["application/json"] = WireSchemas.Watch },
        Status = StatusCodes.Status201Created,
        OtherStatus = StatusCodes.Status200OK,
        Problems = [400, 413, 415, 503],
    };

    public static OperationDescription ListWatches { get; } = new(
        "listWatches", "List the watches", "What is watched, in the order of upstream, thread and run, and what the last poll came to.", typeof(WatchList))
    {
        Tag = "Watches",
        Query = [Whole("limit", "The most watches to list.", 100, 1_000), Text("cursor", "The `next_cursor` of the page before.")],
        Problems = [400, 503],
    };

    public static OperationDescription RemoveWatch { get; } = new(
        "removeWatch", "Remove a watch", "What was recorded stays; a poll that is under way is recorded too.", null)
    {
        Tag = "Watches",
        Query =
        [
            Text("upstream", "The upstream's name.") with { IsRequired = true },
            Text("thread_id", "The thread.") with { IsRequired = true },
            Text("run_id", "The run; none for the thread itself."),
        ],
        Status = StatusCodes.Status204NoContent,
        Problems = [400, 404, 503],
    };

    public static OperationDescription ListQuarantine { get; } = new(
        "listQuarantine", "List the quarantine", "The input that could not be recorded and waits, oldest first.", typeof(QuarantineList))
    {
        Tag = "Quarantine",
        Query = [Whole("limit", "The most items to list.", 20, 100), Text("cursor", "The `next_cursor` of the page before.")],
        Problems = [400, 503],
    };

    public static OperationDescription RetryQuarantine { get; } = new(
        "retryQuarantine", "Retry the quarantine", "Reads every waiting item once more and records what can be recorded now.", typeof(RetryAnswer))
    {
        Tag = "Quarantine",
        Problems = [503],
    };

    public static OperationDescription ListProjections { get; } = new(
        "listProjections", "List the projections", "What the views are derived by, and how far a rebuild is.", typeof(ProjectionList))
    {
        Tag = "Projections",
        Problems = [400, 503],
    };

    public static OperationDescription RequestRebuild { get; } = new(
        "rebuildProjection", "Rebuild a projection", "Makes a view anew from all events, in the background and beside the one that serves.", typeof(ProjectionList))
    {
        Tag = "Projections",
        Path = new Dictionary<string, string> { ["name"] = "`runs` or `usage`." },
        Status = StatusCodes.Status202Accepted,
        Problems = [404, 409, 503],
    };

    public static OperationDescription ReadCheckpoint { get; } = new(
        "readCheckpoint",
        "Seal the events",
        "All of the tenant's events by now, in one hash. Who keeps it finds out later whether one of them was changed, removed, moved, or joined by another.",
        typeof(CheckpointAnswer))
    {
        Tag = "Audit",
        Problems = [400, 503],
    };

    public static OperationDescription ReadProof { get; } = new(
        "proveRun",
        "Prove the events of a run",
        "The events as they were sealed, and the hashes that lead from each of them to a checkpoint's root: it can be verified without the ledger.",
        typeof(ProofAnswer))
    {
        Tag = "Audit",
        Path = new Dictionary<string, string> { ["run_id"] = RunId },
        Query = [Whole("size", "How many events the checkpoint seals against which to prove; all without it.", null, null)],
        Problems = [400, 404, 503],
    };

    public static OperationDescription Live { get; } = new("live", "Liveness", "Whether the host runs.", typeof(HealthAnswer)) { Tag = "Health" };

    public static OperationDescription Ready { get; } = new("ready", "Readiness", "Whether the host reaches its database.", typeof(HealthAnswer))
    {
        Tag = "Health",
        Problems = [503],
    };

    private static QueryParameter Text(string name, string meaning) => new(name, meaning, new OpenApiSchema { Type = JsonSchemaType.String });

    private static QueryParameter Word(string name, string meaning, params string[] words) =>
        new(name, meaning, new OpenApiSchema { Type = JsonSchemaType.String, Enum = [.. words.Select(word => JsonValue.Create(word))] });

    private static QueryParameter List(string name, string meaning, params string[] words) => new(name, meaning, new OpenApiSchema
    {
        Type = JsonSchemaType.Array,
        Items = new OpenApiSchema { Type = JsonSchemaType.String, Enum = words.Length == 0 ? null : [.. words.Select(word => JsonValue.Create(word))] },
    });

    private static QueryParameter Seconds(string name, string meaning) =>
        new(name, meaning, new OpenApiSchema { Type = JsonSchemaType.Integer, Format = "int64", Minimum = "0" });

    private static QueryParameter Flag(string name, string meaning, bool standard) =>
        new(name, meaning, new OpenApiSchema { Type = JsonSchemaType.Boolean, Default = JsonValue.Create(standard) });

    private static QueryParameter Whole(string name, string meaning, int? standard, int? largest) => new(name, meaning, new OpenApiSchema
    {
        Type = JsonSchemaType.Integer,
        Minimum = "1",
        Maximum = largest?.ToString(),
        Default = standard is { } value ? JsonValue.Create(value) : null,
    });
}
