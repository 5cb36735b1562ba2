using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using RunLedger.Domain.Json;

namespace RunLedger.Host.Api.OpenApi;

/// <summary>The description of the API at <c>/openapi/v1.json</c>.</summary>
internal static class LedgerOpenApi
{
    public const string Bearer = "bearer";
    public const string ApiKey = "api_key";

    public static IServiceCollection AddLedgerOpenApi(this IServiceCollection services) => services.AddOpenApi("v1", options =>
    {
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new OpenApiInfo { Title = "RunLedger", Version = "v1", Description = "The system of record for runs of AI agents." };
            document.Components ??= new OpenApiComponents();
            document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>();
            document.Components.SecuritySchemes[Bearer] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer" };
            document.Components.SecuritySchemes[ApiKey] =
                new OpenApiSecurityScheme { Type = SecuritySchemeType.ApiKey, In = ParameterLocation.Header, Name = "X-Api-Key" };
            WireSchemas.AddTo(document);
            return Task.CompletedTask;
        });
        options.AddSchemaTransformer((schema, context, _) =>
        {
            AnswerSchemas.Complete(schema, context.JsonTypeInfo);
            return Task.CompletedTask;
        });
        options.CreateSchemaReferenceId = type =>
            (Nullable.GetUnderlyingType(type.Type) ?? type.Type) == typeof(JsonText) ? null : OpenApiOptions.CreateDefaultSchemaReferenceId(type);
    });
}
