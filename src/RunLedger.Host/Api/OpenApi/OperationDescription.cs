using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using RunLedger.Host.Api.Keys;
using RunLedger.Host.Api.Problems;

namespace RunLedger.Host.Api.OpenApi;

/// <summary>What the description of the API says of an operation besides its path.</summary>
/// <param name="Id">Its name for generated clients.</param>
/// <param name="Summary">What it does, in a line.</param>
/// <param name="Detail">What else there is to know.</param>
/// <param name="Answer">The answer's shape; null where it is an object of another API, or none.</param>
internal sealed record OperationDescription(string Id, string Summary, string Detail, Type? Answer)
{
    /// <summary>What it is about.</summary>
    public string Tag { get; init; } = "Runs";

    /// <summary>The parameters of the query.</summary>
    public IReadOnlyList<QueryParameter> Query { get; init; } = [];

    /// <summary>What the path's parameters are, by name.</summary>
    public IReadOnlyDictionary<string, string> Path { get; init; } = new Dictionary<string, string>();

    /// <summary>The schemas of the body in <see cref="WireSchemas"/> by media type; none if there is no body.</summary>
    public IReadOnlyDictionary<string, string> Body { get; init; } = new Dictionary<string, string>();

    /// <summary>The schema in <see cref="WireSchemas"/> of an answer that is an object of another API.</summary>
    public string? AnswerOfApi { get; init; }

    /// <summary>The status with which it is answered.</summary>
    public int Status { get; init; } = StatusCodes.Status200OK;

    /// <summary>Another status with which it is answered in the same way.</summary>
    public int? OtherStatus { get; init; }

    /// <summary>The statuses with which it is refused, besides those of keys.</summary>
    public IReadOnlyList<int> Problems { get; init; } = [];

    /// <summary>The media type of the answer.</summary>
    public string MediaType { get; init; } = "application/json";

    /// <summary>Other media types that the answer has where they are asked for: texts.</summary>
    public IReadOnlyList<string> OtherAnswers { get; init; } = [];
}

/// <summary>A parameter of a query.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Meaning">What it means.</param>
/// <param name="Schema">What it looks like.</param>
/// <param name="IsRequired">Whether it has to be given.</param>
internal sealed record QueryParameter(string Name, string Meaning, OpenApiSchema Schema, bool IsRequired = false);

/// <summary>Puts descriptions into the OpenAPI document.</summary>
internal static class Descriptions
{
    /// <summary>Describes an endpoint.</summary>
    public static void Describe(this RouteHandlerBuilder endpoint, OperationDescription description)
    {
        endpoint.WithName(description.Id).WithTags(description.Tag).WithSummary(description.Summary).WithDescription(description.Detail);
        foreach (var status in (int?[])[description.Status, description.OtherStatus])
        {
            if (status is not { } answered) continue;
            if (description is { Answer: null, AnswerOfApi: null }) endpoint.Produces(answered);
            else endpoint.Produces(answered, description.Answer ?? typeof(Domain.Json.JsonText), description.MediaType, [.. description.OtherAnswers]);
        }
        foreach (var status in description.Problems) endpoint.Produces<Problem>(status, Problem.MediaType);
        endpoint.AddOpenApiOperationTransformer((operation, context, _) =>
        {
            Complete(description, operation, context);
            return Task.CompletedTask;
        });
    }

    private static void Complete(OperationDescription description, OpenApiOperation operation, OpenApiOperationTransformerContext context)
    {
        // Comments on the methods of endpoints are not for those who call them.
        (operation.Summary, operation.Description) = (description.Summary, description.Detail);
        operation.Parameters ??= [];
        foreach (var parameter in operation.Parameters.OfType<OpenApiParameter>())
            if (parameter.Name is { } name && description.Path.TryGetValue(name, out var meaning)) parameter.Description = meaning;
        foreach (var parameter in description.Query)
            operation.Parameters.Add(new OpenApiParameter
            {
                Name = parameter.Name,
                In = ParameterLocation.Query,
                Description = parameter.Meaning,
                Required = parameter.IsRequired,
                Schema = parameter.Schema,
            });
        if (description.Body.Count > 0)
            operation.RequestBody = new OpenApiRequestBody
            {
                Required = true,
                Content = description.Body.ToDictionary(
                    body => body.Key, body => new OpenApiMediaType { Schema = new OpenApiSchemaReference(body.Value, context.Document) }),
            };
        CompleteAnswer(description, operation.Responses![$"{description.Status}"], context.Document!);

        if (context.Description.ActionDescriptor.EndpointMetadata.OfType<RequiredScope>().FirstOrDefault() is { } required)
            AddSecurity(operation, context.Document!, required.Scope);
    }

    private static void CompleteAnswer(OperationDescription description, IOpenApiResponse answer, OpenApiDocument document)
    {
        if (description.AnswerOfApi is { } name) answer.Content![description.MediaType].Schema = new OpenApiSchemaReference(name, document);
        foreach (var type in description.OtherAnswers) answer.Content![type].Schema = new OpenApiSchema { Type = JsonSchemaType.String };
    }

    private static OpenApiResponse RefusalOfKey(int status, OpenApiDocument document) => new()
    {
        Description = Problem.Of(status, "").Title,
        Content = new Dictionary<string, OpenApiMediaType> { [Problem.MediaType] = new() { Schema = new OpenApiSchemaReference(nameof(Problem), document) } },
    };

    private static void AddSecurity(OpenApiOperation operation, OpenApiDocument document, Scopes scope)
    {
        operation.Description = $"{operation.Description} Needs the scope `{scope.Name()}`.".TrimStart();
        operation.Responses ??= [];
        foreach (var status in (int[])[StatusCodes.Status401Unauthorized, StatusCodes.Status403Forbidden])
            operation.Responses[$"{status}"] = RefusalOfKey(status, document);
        operation.Security =
        [
            new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(LedgerOpenApi.Bearer, document)] = [] },
            new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(LedgerOpenApi.ApiKey, document)] = [] },
        ];
    }
}
