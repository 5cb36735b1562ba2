using System.Text.Json.Serialization;
using RunLedger.Host.Api.Http;
using RunLedger.Postgres;
using RunLedger.Postgres.Replay;

namespace RunLedger.Host.Api.Projections;

/// <summary><c>GET /v1/projections</c>: how the views are, and how far a rebuild is.</summary>
internal static class ListProjections
{
    public static async Task ListAsync(HttpContext context, Ledger ledger)
    {
        new ApiQuery(context).RefuseOthers();
        await Answer.JsonAsync(context, ProjectionList.Of(await ledger.Projections.StatusAsync(context.RequestAborted)), ApiJson.Web.ProjectionList);
    }
}

/// <summary>The views of a ledger.</summary>
/// <param name="Data">Each view.</param>
/// <param name="Rebuild">The rebuild under way, or interrupted; null if there is none.</param>
public sealed record ProjectionList(IReadOnlyList<ProjectionAnswer> Data, RebuildAnswer? Rebuild)
{
    /// <summary><c>list</c>.</summary>
    [JsonPropertyOrder(-1)]
    public string Object => "list";

    internal static ProjectionList Of(ProjectionStatus status) =>
        new([.. status.Views.Select(ProjectionAnswer.Of)], status.Rebuild is { } rebuild ? RebuildAnswer.Of(rebuild) : null);
}

/// <summary>A view.</summary>
/// <param name="Name"><c>runs</c> or <c>usage</c>.</param>
/// <param name="State"><c>current</c>, <c>outdated</c>, or <c>newer</c> than this program.</param>
/// <param name="Version">The version of the code by which its rows are derived.</param>
/// <param name="KnownVersion">The version of this program.</param>
/// <param name="Dimensions">The dimensions that usage is kept by beside hour, model, assistant and kind.</param>
/// <param name="RebuiltAt">When it was last rebuilt; null if never.</param>
/// <param name="VerifiedAt">When it was last compared with all events; null if never.</param>
/// <param name="Differences">The differences found then, lost events included; null if it was not compared.</param>
public sealed record ProjectionAnswer(
    string Name, string State, int Version, int KnownVersion, IReadOnlyList<string> Dimensions, DateTime? RebuiltAt, DateTime? VerifiedAt, long? Differences)
{
    internal static ProjectionAnswer Of(ViewStatus view) => new(
        view.Name, view.State, view.Version, view.KnownVersion, view.Dimensions, view.RebuiltAt?.UtcDateTime, view.VerifiedAt?.UtcDateTime, view.Differences);
}

/// <summary>A rebuild that has not ended.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Views">The views that are rebuilt.</param>
/// <param name="Running">Whether somebody works on it; else it was interrupted.</param>
/// <param name="Phase"><c>copying</c>, <c>indexing</c> or <c>catching_up</c>.</param>
/// <param name="Progress">The part of the events that is read, from 0 to 1.</param>
/// <param name="EventsPerSecond">The rate since it was begun or taken up again.</param>
/// <param name="SecondsLeft">The time that reading will take still; null while nobody can say.</param>
/// <param name="StartedAt">When it was begun.</param>
/// <param name="UpdatedAt">When it was last known to be so far.</param>
/// <param name="Failure">That it stopped by itself; null if it did not. Why may name runs of any tenant: the host's log and the command line say it.</param>
public sealed record RebuildAnswer(
    long Id, IReadOnlyList<string> Views, bool Running, string Phase, double Progress, double EventsPerSecond, double? SecondsLeft, DateTime StartedAt,
    DateTime UpdatedAt, string? Failure)
{
    private const string HasFailed = "The rebuild failed; the log of the host and the command 'projections status' say why.";

    internal static RebuildAnswer Of(RebuildStatus rebuild) => new(
        rebuild.Id,
        rebuild.Target.Names,
        rebuild.IsRunning,
        rebuild.Phase,
        Math.Round(rebuild.Progress.Part, 4),
        Math.Round(rebuild.Progress.Rate, 1),
        rebuild.Progress.TimeLeft is { } left ? Math.Round(left.TotalSeconds, 1) : null,
        rebuild.StartedAt.UtcDateTime,
        rebuild.UpdatedAt.UtcDateTime,
        rebuild.Failure is null ? null : HasFailed);
}
