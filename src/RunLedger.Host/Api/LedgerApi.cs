using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.DependencyInjection.Extensions;
using RunLedger.Host.Api.Audit;
using RunLedger.Host.Api.Feed;
using RunLedger.Host.Api.Http;
using RunLedger.Host.Api.Keys;
using RunLedger.Host.Api.Observations;
using RunLedger.Host.Api.OpenApi;
using RunLedger.Host.Api.OrganizationUsage;
using RunLedger.Host.Api.Pricing;
using RunLedger.Host.Api.Problems;
using RunLedger.Host.Api.Projections;
using RunLedger.Host.Api.Quarantine;
using RunLedger.Host.Api.Runs;
using RunLedger.Host.Api.Usage;
using RunLedger.Host.Capture;
using RunLedger.Host.Dashboard;
using RunLedger.Host.Replay;
using RunLedger.Postgres;

namespace RunLedger.Host.Api;

/// <summary>
/// The ledger over HTTP. A host adds it to its services, uses it before any other middleware of its own, and maps it:
/// <c>builder.AddLedgerApi(ledger)</c>, <c>app.UseLedgerApi()</c>, <c>app.MapLedgerApi()</c>.
/// </summary>
public static class LedgerApi
{
    /// <summary>Adds what the API needs. Settings: the sections <c>Keys</c> and <c>Api</c>.</summary>
    /// <param name="builder">The host's builder.</param>
    /// <param name="ledger">The ledger; disposed by who opened it.</param>
    /// <exception cref="InvalidOperationException">A setting cannot be read; the message names it.</exception>
    public static WebApplicationBuilder AddLedgerApi(this WebApplicationBuilder builder, Ledger ledger)
    {
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.TryAddSingleton(ledger);
        builder.Services.TryAddSingleton<ObservationIntake>();
        builder.Services.TryAddSingleton<RebuildRequests>();
        builder.Services.TryAddSingleton<PushObservations>();
        builder.Services.AddSingleton(AccessKeys.Read(builder.Configuration));
        builder.Services.AddSingleton(ApiOptions.Read(builder.Configuration));
        builder.Services.ConfigureHttpJsonOptions(json =>
        {
            ApiJson.Configure(json.SerializerOptions);
            json.SerializerOptions.TypeInfoResolverChain.Insert(0, ApiJson.Default);
        });
        builder.Services.AddLedgerOpenApi();
        return builder;
    }

    /// <summary>Answers whatever goes wrong with problem details, and where no keys are configured refuses what does not come by loopback.</summary>
    public static IApplicationBuilder UseLedgerApi(this IApplicationBuilder app)
    {
        app.UseMiddleware<ProblemResponses>();
        app.Use(EncodedSlashes.DecodeAsync);
        if (app.ApplicationServices.GetRequiredService<AccessKeys>().AreConfigured) return app;
        return app.Use((context, next) =>
            ListenPolicy.Refusal(context) is { } refusal ? throw new ApiException(StatusCodes.Status403Forbidden, refusal) : next(context));
    }

    /// <summary>Maps the API, its description, the health checks and the dashboard.</summary>
    public static IEndpointRouteBuilder MapLedgerApi(this IEndpointRouteBuilder routes)
    {
        var v1 = routes.MapGroup("/v1");
        // Most requests are these, and pay neither for services of their own nor for finding them.
        var push = routes.ServiceProvider.GetRequiredService<PushObservations>();
        v1.MapPost("/observations", (Delegate)push.PushAsync).RequireScope(Scopes.Observe).WithMetadata(new UnlimitedByServer())
            .Describe(ApiDescription.PushObservations);
        v1.MapRead("/threads/{thread_id}/runs", ListThreadRuns.ListAsync, ApiDescription.ListThreadRuns);
        v1.MapRead("/threads/{thread_id}/runs/{run_id}", ReadSnapshot.OfThreadRunAsync, ApiDescription.ReadThreadRun);
        v1.MapRead("/responses/{response_id}", ReadSnapshot.OfResponseAsync, ApiDescription.ReadResponse);
        v1.MapRead("/runs", ListRuns.ListAsync, ApiDescription.ListRuns);
        v1.MapRead("/runs/{run_id}", ListRuns.FindAsync, ApiDescription.FindRun);
        v1.MapRead("/runs/{run_id}/events", ReadHistory.ReadAsync, ApiDescription.ReadHistory);
        // No HEAD: there is no end to what follows the headers.
        v1.MapGet("/events", FollowEvents.FollowAsync).RequireScope(Scopes.Read).Describe(ApiDescription.FollowEvents);
        v1.MapRead("/usage", ReportUsage.ReportAsync, ApiDescription.ReportUsage);
        v1.MapRead("/organization/usage/completions", ReportCompletions.ReportAsync, ApiDescription.ReportCompletions);
        v1.MapRead("/prices", Prices.ListAsync, ApiDescription.ListPrices);
        v1.MapPut("/prices", Prices.SetAsync).RequireScope(Scopes.Admin).WithMetadata(new UnlimitedByServer()).Describe(ApiDescription.SetPrices);
        v1.MapDelete("/prices", Prices.RemoveAsync).RequireScope(Scopes.Admin).Describe(ApiDescription.RemovePrices);
        v1.MapRead("/projections", ListProjections.ListAsync, ApiDescription.ListProjections);
        v1.MapPost("/projections/{name}/rebuild", RequestRebuild.RequestAsync).RequireScope(Scopes.Admin).Describe(ApiDescription.RequestRebuild);
        v1.MapRead("/audit/checkpoint", ReadCheckpoint.ReadAsync, ApiDescription.ReadCheckpoint);
        v1.MapRead("/audit/proof/{run_id}", ReadProof.ReadAsync, ApiDescription.ReadProof);
        v1.MapRead("/quarantine", ListQuarantine.ListAsync, ApiDescription.ListQuarantine);
        v1.MapPost("/quarantine/retry", RetryQuarantine.RetryAsync).RequireScope(Scopes.Admin).Describe(ApiDescription.RetryQuarantine);

        routes.MapRead("/healthz/live", Health.LiveAsync, ApiDescription.Live, scope: null);
        routes.MapRead("/healthz/ready", Health.ReadyAsync, ApiDescription.Ready, scope: null);
        routes.MapOpenApi("/openapi/v1.json").WithMetadata(new HttpMethodMetadata([HttpMethods.Get, HttpMethods.Head]));
        routes.MapDashboard();
        return routes;
    }

    /// <summary>Leaves the size of bodies to the endpoint, which answers with a problem.</summary>
    private sealed class UnlimitedByServer : IRequestSizeLimitMetadata
    {
        public long? MaxRequestBodySize => null;
    }
}
