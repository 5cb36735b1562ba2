using System.Text.Json.Nodes;
using Microsoft.OpenApi;

namespace RunLedger.Host.Api.OpenApi;

/// <summary>
/// The shapes of what is no answer of the ledger's own: the objects of the APIs, of which the main fields are named and any others may be there, and
/// the bodies of requests. Each is a schema of the description under its name.
/// </summary>
internal static class WireSchemas
{
    public const string Run = "RunObject";
    public const string RunList = "ListRunsResponse";
    public const string Response = "Response";
    public const string Observation = "Observation";
    public const string Observations = "Observations";
    public const string Price = "Price";
    public const string Prices = "Prices";
    public const string Watch = "WatchBody";

    public static void AddTo(OpenApiDocument document)
    {
        IOpenApiSchema Ref(string name) => new OpenApiSchemaReference(name, document);

        document.AddComponent(Run, RunObject());
        document.AddComponent(RunList, Object(
            "The runs of a thread, as the Assistants API lists them.", "object data first_id last_id has_more",
            ("object", Words("list")), ("data", ListOf(Ref(Run))), ("first_id", Text(orNull: true)), ("last_id", Text(orNull: true)), ("has_more", Flag())));
        document.AddComponent(Response, ResponseObject());
        document.AddComponent(Observation, AnyOf(
            "A snapshot, or an envelope that says when and by which way it was seen.", Ref(Run), Ref(Response), Object(
                "A snapshot that was seen.", "snapshot",
                ("observed_at", Time()), ("source", Text()), ("snapshot", AnyOf("The run or the response.", Ref(Run), Ref(Response))))));
        document.AddComponent(Observations, OneOrMany("One observation, an array of them, or a list object.", Ref(Observation)));
        document.AddComponent(Price, Object(
            "What a model's tokens cost from an hour on, in US dollars for a million.", "model",
            ("model", Text()), ("from", Time()), ("prompt_per_million", Amount()), ("cached_per_million", Amount()), ("completion_per_million", Amount())));
        document.AddComponent(Prices, OneOrMany("One price, an array of them, a list object, or LiteLLM's price map.", Ref(Price), Object("LiteLLM's price map.", "")));
        document.AddComponent(Watch, Object(
            "A run to be followed to its end, or without `run_id` a thread to be looked through for runs.", "upstream thread_id",
            ("upstream", Text()), ("thread_id", Text()), ("run_id", Text(orNull: true))));
    }

    private static OpenApiSchema RunObject() => Object(
        "A run as the Assistants API shows it.", "id object created_at thread_id status",
        ("id", Text()), ("object", Words("thread.run")), ("created_at", Seconds()), ("thread_id", Text()), ("assistant_id", Text(orNull: true)),
        ("status", Text()), ("model", Text()), ("instructions", Text(orNull: true)), ("tools", ListOf(new OpenApiSchema())), ("metadata", Anything()),
        ("required_action", Anything()), ("last_error", Anything()), ("incomplete_details", Anything()),
        ("started_at", Seconds(orNull: true)), ("expires_at", Seconds(orNull: true)), ("cancelled_at", Seconds(orNull: true)),
        ("failed_at", Seconds(orNull: true)), ("completed_at", Seconds(orNull: true)),
        ("usage", Object("The tokens used.", "", orNull: true, ("prompt_tokens", Count()), ("completion_tokens", Count()), ("total_tokens", Count()))));

    private static OpenApiSchema ResponseObject() => Object(
        "A response as the Responses API shows it.", "id object created_at status",
        ("id", Text()), ("object", Words("response")), ("created_at", Seconds()), ("status", Text()), ("model", Text()), ("conversation", new OpenApiSchema()),
        ("previous_response_id", Text(orNull: true)), ("instructions", new OpenApiSchema()), ("output", ListOf(new OpenApiSchema())),
        ("tools", ListOf(new OpenApiSchema())), ("metadata", Anything()), ("error", Anything()), ("incomplete_details", Anything()),
        ("completed_at", Seconds(orNull: true)),
        ("usage", Object("The tokens used.", "", orNull: true, ("input_tokens", Count()), ("output_tokens", Count()), ("total_tokens", Count()))));

    private static OpenApiSchema OneOrMany(string meaning, IOpenApiSchema item, params IOpenApiSchema[] others) =>
        AnyOf(meaning, [item, ListOf(item), Object("A list object.", "object data", ("object", Words("list")), ("data", ListOf(item))), .. others]);

    private static OpenApiSchema Object(string meaning, string required, params (string Name, IOpenApiSchema Schema)[] fields) =>
        Object(meaning, required, orNull: false, fields);

    private static OpenApiSchema Object(string meaning, string required, bool orNull, params (string Name, IOpenApiSchema Schema)[] fields) => new()
    {
        Type = Or(JsonSchemaType.Object, orNull),
        Description = meaning,
        Required = new HashSet<string>(required.Split(' ', StringSplitOptions.RemoveEmptyEntries)),
        Properties = fields.ToDictionary(field => field.Name, field => field.Schema),
        AdditionalProperties = new OpenApiSchema(),
    };

    private static OpenApiSchema AnyOf(string meaning, params IOpenApiSchema[] schemas) => new() { Description = meaning, AnyOf = [.. schemas] };

    private static OpenApiSchema ListOf(IOpenApiSchema items) => new() { Type = JsonSchemaType.Array, Items = items };

    private static OpenApiSchema Text(bool orNull = false) => new() { Type = Or(JsonSchemaType.String, orNull) };

    private static OpenApiSchema Words(params string[] words) => new() { Type = JsonSchemaType.String, Enum = [.. words.Select(word => JsonValue.Create(word))] };

    private static OpenApiSchema Time() => new() { Type = JsonSchemaType.String, Format = "date-time" };

    private static OpenApiSchema Seconds(bool orNull = false) =>
        new() { Type = Or(JsonSchemaType.Integer, orNull), Format = "int64", Description = "Seconds since the epoch." };

    private static OpenApiSchema Count() => new() { Type = JsonSchemaType.Integer, Format = "int64" };

    private static OpenApiSchema Amount() => new() { Type = JsonSchemaType.Number };

    private static OpenApiSchema Flag() => new() { Type = JsonSchemaType.Boolean };

    private static OpenApiSchema Anything() => new() { Type = JsonSchemaType.Object | JsonSchemaType.Null, AdditionalProperties = new OpenApiSchema() };

    private static JsonSchemaType Or(JsonSchemaType type, bool isNullable) => isNullable ? type | JsonSchemaType.Null : type;
}
